/** The durations Ollama takes as text: what Go's `time.ParseDuration` reads. Pure. Imports spec. */

import type { Millis } from '../spec/vocabulary.ts';

const unitMs: ReadonlyMap<string, number> = new Map([
  ['ns', 1e-6],
  ['us', 1e-3],
  ['µs', 1e-3],
  ['μs', 1e-3],
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/** `1h30m`, `-1s`, `0`; undefined for what Go refuses, such as a number without its unit. */
export const parseGoDuration = (text: string): Millis | undefined => {
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (body === '0') return 0;
  if (body === '') return undefined;
  const part = /(\d+(?:\.\d*)?|\.\d+)([^\d.]+)/y;
  let durationMs = 0;
  while (part.lastIndex < body.length) {
    const found = part.exec(body);
    const scale = found === null ? undefined : unitMs.get(found[2] ?? '');
    if (found === null || scale === undefined) return undefined;
    durationMs += Number(found[1]) * scale;
  }
  return text.startsWith('-') ? -durationMs : durationMs;
};
