/** The spellings one model has. Pure; imports nothing. */

/** `latest` is what an absent tag means everywhere, so both spellings are one model. */
const tagSpellings = (name: string): readonly string[] => {
  const colon = name.lastIndexOf(':');
  if (colon <= name.lastIndexOf('/')) return [name, `${name}:latest`];
  return name.endsWith(':latest') ? [name, name.slice(0, colon)] : [name];
};

/** Hugging Face under its long and its short host. */
const hubSpellings = (name: string): readonly string[] => {
  if (name.startsWith('hf.co/')) return [name, `huggingface.co/${name.slice('hf.co/'.length)}`];
  if (name.startsWith('huggingface.co/')) return [name, `hf.co/${name.slice('huggingface.co/'.length)}`];
  return [name];
};

/**
 * All spellings of a listed name, lower case, the listed one first. `shorten` gives the forms without
 * what an engine takes for granted, such as its own registry.
 */
export const spellings = (
  listed: string,
  shorten: (name: string) => readonly string[],
): readonly string[] => {
  const lower = listed.toLowerCase();
  const names = new Set([lower]);
  for (const form of [lower, ...shorten(lower)]) {
    for (const hub of hubSpellings(form)) for (const name of tagSpellings(hub)) names.add(name);
  }
  return [...names];
};

/** What follows the longest of the prefixes, or undefined where none fits. */
export const without = (name: string, prefixes: readonly string[]): string | undefined => {
  const prefix = prefixes.find((each) => name.startsWith(each) && name.length > each.length);
  return prefix === undefined ? undefined : name.slice(prefix.length);
};
