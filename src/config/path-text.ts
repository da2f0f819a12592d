/** How a place in the configuration is written in a message. Imports nothing. */

/** A place in the configuration: keys, and numbers for entries of lists. */
export type Path = readonly PropertyKey[];

/** Writes `auth.keys[0].key`; keys with other characters are quoted, which also keeps a message on one line. */
export const pathText = (path: Path): string => {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (/^[\w-]+$/.test(String(part))) text += text === '' ? String(part) : `.${String(part)}`;
    else text += `[${JSON.stringify(String(part).slice(0, 128))}]`;
  }
  return text === '' ? 'the file' : text;
};
