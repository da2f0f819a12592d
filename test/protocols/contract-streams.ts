/** The laws of listening: chunks do not matter, and an end is never made up. */

import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Protocol } from '../../src/protocols/protocol.ts';
import type { ChatEvent } from '../../src/spec/chat-event.ts';
import { asArray, asObject } from '../../src/spec/json.ts';
import { tryParseJson } from '../../src/wire/json.ts';
import { propertyRuns } from '../property-runs.ts';
import { chunkSizes, rechunk } from '../wire/rechunk.ts';
import { answerOf } from './answer.ts';
import { decode, proofMs } from './codec.ts';
import { type Fixture, fixtures } from './fixtures.ts';

const hasFinish = (events: readonly ChatEvent[]): boolean => events.some(({ type }) => type === 'finish');

/** Whether some line of these bytes is whole and says that an answer has its end, in the words of any dialect. */
const saysEnd = (bytes: Uint8Array): boolean =>
  new TextDecoder()
    .decode(bytes)
    .split(/[\r\n]/)
    .some((line) => {
      const value = asObject(tryParseJson(line.replace(/^data:/, '')));
      const reasons = (asArray(value?.choices) ?? []).map((choice) => asObject(choice)?.finish_reason);
      const ends = (asArray(value?.candidates) ?? []).map((entry) => asObject(entry)?.finishReason);
      const delta = asObject(value?.delta);
      return (
        value?.done === true ||
        value?.type === 'message_stop' ||
        value?.type === 'response.completed' ||
        value?.type === 'response.incomplete' ||
        typeof delta?.stop_reason === 'string' ||
        typeof asObject(value?.promptFeedback)?.blockReason === 'string' ||
        ends.some((reason) => typeof reason === 'string') ||
        reasons.some((reason) => typeof reason === 'string')
      );
    });

/** Up to the first finish; usage may follow it. */
const untilFinish = (events: readonly ChatEvent[]): readonly ChatEvent[] =>
  events.slice(0, events.findIndex(({ type }) => type === 'finish') + 1);

/** Tests one dialect. */
export const streamContract = (protocol: Protocol): void => {
  const streams = fixtures(protocol.id, 'streams');
  const broken = fixtures(protocol.id, 'broken');
  const named = (all: readonly Fixture[]): [string, Uint8Array][] =>
    all.map(({ name, bytes }) => [name, bytes]);

  describe('re-chunking', () => {
    test.each(named([...streams, ...broken]))(
      'any cut of %s gives the same events',
      (_name, bytes) => {
        const expected = decode(protocol, bytes);
        for (let cut = 0; cut <= bytes.length; cut += 1) {
          expect(decode(protocol, bytes.slice(0, cut), bytes.slice(cut))).toEqual([...expected]);
        }
        expect(decode(protocol, ...[...bytes].map((byte) => new Uint8Array([byte])))).toEqual([...expected]);
        const runs = Math.max(20, Math.floor(propertyRuns / 20));
        fc.assert(
          fc.property(chunkSizes, (sizes) => {
            expect(decode(protocol, ...rechunk(bytes, sizes))).toEqual([...expected]);
          }),
          { numRuns: runs },
        );
      },
      proofMs,
    );

    test.each(named(streams))('listening to %s leaves its bytes as they are', (_name, bytes) => {
      const chunk = bytes.slice();
      decode(protocol, chunk);
      expect([...chunk]).toEqual([...bytes]);
    });
  });

  describe('ends', () => {
    test.each(named(streams))('%s ends with a finish and no error', (_name, bytes) => {
      const { finish, error } = answerOf(decode(protocol, bytes));
      expect(error).toBeUndefined();
      expect(finish).not.toContain(undefined);
      expect(finish.length).toBeGreaterThan(0);
    });

    test.each(named(broken))('%s ends with an error', (_name, bytes) => {
      const events = decode(protocol, bytes);
      expect(events.at(-1)?.type).toBe('error');
      expect(answerOf(events).error).not.toBe('');
    });

    test.each(named(streams))('%s cut anywhere never ends before it did', (_name, bytes) => {
      const whole = untilFinish(decode(protocol, bytes));
      for (let cut = 0; cut < bytes.length; cut += 1) {
        const events = decode(protocol, bytes.slice(0, cut));
        if (hasFinish(events)) expect(untilFinish(events)).toEqual([...whole]);
        else expect(events.at(-1)?.type).toBe('error');
      }
    });

    test(
      'bytes flipped anywhere never throw, and a cut behind them never gives an end that was not there',
      () => {
        const sources = [...streams, ...broken];
        const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 6 });
        fc.assert(
          fc.property(
            fc.nat({ max: sources.length - 1 }),
            flips,
            fc.nat(),
            chunkSizes,
            (which, changes, at, sizes) => {
              const bytes = (sources[which]?.bytes ?? new Uint8Array(0)).slice();
              for (const [place, mask] of changes) {
                if (bytes.length > 0) bytes[place % bytes.length] = (bytes[place % bytes.length] ?? 0) ^ mask;
              }
              answerOf(decode(protocol, bytes));
              const kept = bytes.slice(0, bytes.length === 0 ? 0 : at % bytes.length);
              const events = decode(protocol, ...rechunk(kept, sizes));
              answerOf(events);
              if (hasFinish(events)) expect(saysEnd(kept)).toBe(true);
              else expect(events.at(-1)?.type).toBe('error');
            },
          ),
          { numRuns: propertyRuns },
        );
      },
      proofMs,
    );

    test('a frame that never ends is given up, not kept', () => {
      const decoder = protocol.decoder('chat');
      const chunk = new Uint8Array(1024 * 1024).fill(0x61);
      let events: readonly ChatEvent[] = [];
      for (let megabytes = 0; megabytes < 12; megabytes += 1) events = [...events, ...decoder.push(chunk)];
      events = [...events, ...decoder.end()];
      expect(events.map(({ type }) => type)).toEqual(['error']);
    });
  });
};
