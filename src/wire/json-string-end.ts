/** Finding the end of a JSON string in bytes, the step every scan here spends its time in; imports nothing. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
/** A short string is cheaper to walk than to hand to the native search. */
const WALKED_BYTES = 16;

/**
 * The index of the quote that closes the string whose content starts at `start`, or -1.
 * Each run of backslashes is counted at most once per quote behind it, so the work stays linear.
 */
export const jsonStringEnd = (bytes: Uint8Array, start: number): number => {
  const walked = Math.min(bytes.length, start + WALKED_BYTES);
  let from = start;
  while (from < walked) {
    const byte = bytes[from];
    if (byte === QUOTE) return from;
    from += byte === BACKSLASH ? 2 : 1;
  }
  for (;;) {
    const quote = bytes.indexOf(QUOTE, from);
    if (quote === -1) return -1;
    let run = quote;
    while (run > from && bytes[run - 1] === BACKSLASH) run -= 1;
    if ((quote - run) % 2 === 0) return quote;
    from = quote + 1;
  }
};
