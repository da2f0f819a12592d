/** Late facts beside a stream of server-sent events. May import spec and wire. */

import { encodeSseComment } from '../wire/sse.ts';

const lineFeed = 0x0a;

/**
 * Appends the facts as one comment line; values with white space are quoted as JSON.
 * Bytes that stop inside a line stay as they are, because the comment would become part of it.
 */
export const annotate = (last: Uint8Array, facts: Readonly<Record<string, string>>): Uint8Array => {
  if (last.length > 0 && last[last.length - 1] !== lineFeed) return last;
  const words = Object.entries(facts).map(
    ([name, value]) => `${name}=${/^[!-~]+$/.test(value) ? value : JSON.stringify(value)}`,
  );
  const comment = encodeSseComment(['pointsman', ...words].join(' '));
  const annotated = new Uint8Array(last.length + comment.length);
  annotated.set(last);
  annotated.set(comment, last.length);
  return annotated;
};
