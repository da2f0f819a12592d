/** Compares engine versions as they come: `0.33.0-rc2`, `v0.20.0`, and `0.0.0` of self-built servers. Pure. */

const numbers = (version: string): readonly number[] | undefined => {
  const parts = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  return parts === null ? undefined : [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0)];
};

const compare = (left: readonly number[], right: readonly number[]): number => {
  for (let index = 0; index < 3; index += 1) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
};

/** The lowest usable version, since clients gate features on it and any host may be asked; `0.0.0` says nothing. */
export const lowestVersion = (versions: readonly string[]): string | undefined => {
  let lowest: { readonly text: string; readonly parts: readonly number[] } | undefined;
  for (const text of versions) {
    const parts = numbers(text);
    if (parts === undefined || parts.every((part) => part === 0)) continue;
    if (lowest === undefined || compare(parts, lowest.parts) < 0) lowest = { text, parts };
  }
  return lowest?.text;
};
