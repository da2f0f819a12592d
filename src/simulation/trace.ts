/** A hash over everything that happened in a run, so that two runs can be told to be the same. Pure. */

export interface Trace {
  /** Adds one line: what happened, and its facts in order. */
  add(...facts: readonly (string | number | undefined)[]): void;
  /** 16 hexadecimal digits over all lines so far. */
  readonly hash: () => string;
  readonly lines: () => number;
}

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

/** Two independent FNV-1a hashes side by side; `keep` hears each line, for finding where two runs part. */
export const createTrace = (keep?: (line: string) => void): Trace => {
  let first = 0x811c9dc5;
  let second = 0x050c5d1f;
  let lines = 0;
  return {
    add: (...facts) => {
      const line = `${facts.join(' ')}\n`;
      for (let index = 0; index < line.length; index += 1) {
        const code = line.charCodeAt(index);
        first = Math.imul(first ^ code, 0x01000193);
        second = Math.imul(second ^ code, 0x01000193) + lines;
      }
      lines += 1;
      keep?.(line);
    },
    hash: () => `${hex(first)}${hex(second)}`,
    lines: () => lines,
  };
};
