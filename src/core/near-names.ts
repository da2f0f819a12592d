/** Which known names a wrong one was probably meant to be. Pure. */

import { distance } from 'fastest-levenshtein';

/** Longer names are compared by their beginnings: the cost must not grow with what a client sends. */
const comparedLength = 64;

/** The known names nearest to `wanted`, at most `most`; a shared stem counts as near, since tags are often left out. */
export const nearNames = (wanted: string, known: Iterable<string>, most = 3): readonly string[] => {
  const asked = wanted.slice(0, comparedLength).toLowerCase();
  const stem = asked.split(':')[0] ?? asked;
  const limit = Math.max(2, Math.floor(asked.length / 3));
  const ranked: { name: string; cost: number }[] = [];
  for (const name of known) {
    const lower = name.slice(0, comparedLength).toLowerCase();
    const cost = stem.length > 2 && lower.includes(stem) ? 1 : distance(asked, lower);
    if (cost <= limit) ranked.push({ name, cost });
  }
  ranked.sort((left, right) => left.cost - right.cost || left.name.localeCompare(right.name));
  return ranked.slice(0, most).map(({ name }) => name);
};
