/** Ollama's `keep_alive`: seconds as a number, or a Go duration as a string, and nothing in between. */

import type { Json } from '../spec/json.ts';
import type { Millis } from '../spec/vocabulary.ts';

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

/** A duration, or the sentence an engine answers with. */
export type Duration = { readonly durationMs: Millis } | { readonly problem: string };

/** Reads what Go's `time.ParseDuration` reads, with its words for what it does not. */
export const parseGoDuration = (text: string): Duration => {
  const body = /^[+-]/.test(text) ? text.slice(1) : text;
  if (body === '0') return { durationMs: 0 };
  if (body === '') return { problem: `time: invalid duration ${JSON.stringify(text)}` };
  const part = /(\d+\.?\d*|\.\d+)([^\d.]*)/y;
  let durationMs = 0;
  while (part.lastIndex < body.length) {
    const found = part.exec(body);
    if (found === null) return { problem: `time: invalid duration ${JSON.stringify(text)}` };
    const unit = found[2] ?? '';
    if (unit === '') return { problem: `time: missing unit in duration ${JSON.stringify(text)}` };
    const scale = unitMs[unit];
    if (scale === undefined) {
      return { problem: `time: unknown unit ${JSON.stringify(unit)} in duration ${JSON.stringify(text)}` };
    }
    durationMs += Number(found[1]) * scale;
  }
  return { durationMs: text.startsWith('-') ? -durationMs : durationMs };
};

const goTypeOf = (value: Json): string => {
  if (typeof value === 'boolean') return 'bool';
  return Array.isArray(value) ? '[]interface {}' : 'map[string]interface {}';
};

/** Undefined for an absent wish; a negative wish is forever, which is Infinity here. */
export const parseKeepAlive = (value: Json | undefined): Duration | undefined => {
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'number') return { durationMs: value < 0 ? Infinity : value * 1000 };
  if (typeof value !== 'string') return { problem: `Unsupported type: '${goTypeOf(value)}'` };
  const duration = parseGoDuration(value);
  return 'durationMs' in duration && duration.durationMs < 0 ? { durationMs: Infinity } : duration;
};
