/**
 * How long a score takes: by the clock, which other work on the machine lengthens, and by the processor time of this
 * process. Texts are fresh, each is read once, and those that warm up are others.
 */

import process from 'node:process';
import type { Row } from './routing-data.ts';

const characters = 4000;
const warming = 1500;
const measured = 3000;

/** Times in microseconds, shortest first. */
export interface Times {
  readonly clock: readonly number[];
  readonly processor: readonly number[];
}

/** Texts made of the rows, each beginning with another row than the one before; as flat as a parser leaves them. */
const freshTexts = (rows: readonly Row[], count: number, from: number): readonly string[] => {
  const bytes = new TextEncoder();
  const text = new TextDecoder();
  return Array.from({ length: count }, (_, index) => {
    let whole = '';
    // A step that shares no factor with usual numbers of rows, so that neighbours differ.
    for (let at = from + index * 7919; whole.length < characters; at += 104729)
      whole += `${rows[at % rows.length]?.prompt ?? 'a prompt'}\n`;
    return text.decode(bytes.encode(whole.slice(0, characters)));
  });
};

const ascending = (values: number[]): readonly number[] => values.sort((left, right) => left - right);

/** Times over texts of 4,000 characters made of the rows. */
export const timesUs = (rows: readonly Row[], score: (prompt: string) => number): Times => {
  for (const text of freshTexts(rows, warming, 1)) score(text);
  const clock: number[] = [];
  const processor: number[] = [];
  for (const text of freshTexts(rows, measured, 5000)) {
    const used = process.cpuUsage();
    const begun = performance.now();
    score(text);
    clock.push((performance.now() - begun) * 1000);
    const { user, system } = process.cpuUsage(used);
    processor.push(user + system);
  }
  return { clock: ascending(clock), processor: ascending(processor) };
};

/** Lines of text. */
export const timingLines = (rows: readonly Row[], score: (prompt: string) => number): readonly string[] => {
  const { clock, processor } = timesUs(rows, score);
  const at = (times: readonly number[], share: number): string =>
    `${(times[Math.floor(share * times.length)] ?? 0).toFixed(0)} us`.padStart(7);
  const line = (name: string, times: readonly number[]): string =>
    `  ${name.padEnd(33)} p50 ${at(times, 0.5)}  p99 ${at(times, 0.99)}`;
  return [
    `a score of ${characters} characters, ${measured} fresh texts`,
    line('by the clock', clock),
    line('processor time', processor),
  ];
};
