import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import { propertyRuns } from '../../property-runs.ts';
import { chunkSizes, rechunk } from '../../wire/rechunk.ts';
import { arbitraryAnswer } from '../arbitrary-answers.ts';
import { encode, proofMs } from '../codec.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const framed = (...chunks: readonly Uint8Array[]): unknown => {
  const machine = gemini.array?.();
  if (machine === undefined) throw new Error('no array');
  const parts = [...chunks.map((chunk) => machine.push(chunk)), machine.end()];
  return JSON.parse(parts.map((part) => new TextDecoder().decode(part)).join(''));
};

describe('a stream as one array', () => {
  test('holds the data of its events and nothing of its comments', () => {
    expect(framed(bytes(': ping\n\ndata: {"a":1}\n\nda'), bytes('ta: {"b":2}\r\n\r\n: facts\n\n'))).toEqual([
      { a: 1 },
      { b: 2 },
    ]);
  });

  test('of nothing is empty', () => {
    expect(framed()).toEqual([]);
    expect(framed(bytes(': ping\n\n'))).toEqual([]);
  });

  test('that broke off ends with the error', () => {
    expect(framed(bytes('data: {"a":1}\n\n{"error":{"code":503}}\n'))).toEqual([
      { a: 1 },
      { error: { code: 503 } },
    ]);
    expect(framed(bytes('{"error":1}\n'))).toEqual([{ error: 1 }]);
  });

  test(
    'is the same however its bytes were cut',
    () => {
      fc.assert(
        fc.property(arbitraryAnswer, chunkSizes, (events, sizes) => {
          const whole = encode(gemini, events);
          expect(framed(...rechunk(whole, sizes))).toEqual(framed(whole));
        }),
        { numRuns: Math.ceil(propertyRuns / 5) },
      );
    },
    proofMs,
  );
});
