/** The laws every dialect keeps; a dialect's test calls this and adds its own oddities. */

import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Protocol, Stamp } from '../../src/protocols/protocol.ts';
import { protocols } from '../../src/protocols/registry.ts';
import { type ChatEvent, isContent } from '../../src/spec/chat-event.ts';
import type { ChatRequest } from '../../src/spec/chat-request.ts';
import { type ErrorCode, GatewayError, statusOf } from '../../src/spec/gateway-error.ts';
import { asArray, asObject, type JsonObject } from '../../src/spec/json.ts';
import { tryParseJson } from '../../src/wire/json.ts';
import { propertyRuns } from '../property-runs.ts';
import { answerOf } from '../protocols/answer.ts';
import { arbitraryAnswer, comparable } from '../protocols/arbitrary-answers.ts';
import { arbitraryBodies } from '../protocols/arbitrary-bodies.ts';
import { bodyOf, type Fixture, fixtures } from '../protocols/fixtures.ts';
import { refused } from '../protocols/refused.ts';
import { chunkSizes, rechunk, runMachine } from '../wire/rechunk.ts';

export const stamp: Stamp = {
  id: 'req-0123-4567',
  createdUnix: 1_755_770_400,
  now: () => '2026-08-21T10:00:00.000Z',
  elapsedMs: () => 1500,
};

/** A request that asks for all a stream can hold. */
export const chatRequest: ChatRequest = {
  model: 'asked/for:this',
  stream: true,
  messages: [{ role: 'user', content: 'Hi' }],
  sampling: {},
  includeUsage: true,
};

/** A hundred times the usual draws take minutes. */
const proofMs = 1_800_000;

const decode = (protocol: Protocol, ...chunks: readonly Uint8Array[]): readonly ChatEvent[] =>
  runMachine(protocol.decoder('chat'), chunks);

const encode = (protocol: Protocol, events: readonly ChatEvent[], request = chatRequest): Uint8Array => {
  const encoder = protocol.encoder(request, stamp);
  return join([...events.map((event) => encoder.push(event)), encoder.end()]);
};

const join = (parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

const json = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

const hasFinish = (events: readonly ChatEvent[]): boolean => events.some(({ type }) => type === 'finish');

/** Whether some line of these bytes is whole and says that an answer has its end, in the words of any dialect. */
const saysEnd = (bytes: Uint8Array): boolean =>
  new TextDecoder()
    .decode(bytes)
    .split(/[\r\n]/)
    .some((line) => {
      const value = asObject(tryParseJson(line.replace(/^data:/, '')));
      const reasons = (asArray(value?.choices) ?? []).map((choice) => asObject(choice)?.finish_reason);
      return value?.done === true || reasons.some((reason) => typeof reason === 'string');
    });

const idsOf = (events: readonly ChatEvent[]): readonly (string | undefined)[] =>
  events.flatMap((event) => (event.type === 'tool-call-start' ? [event.id] : []));

/** Up to the first finish; usage may follow it. */
const untilFinish = (events: readonly ChatEvent[]): readonly ChatEvent[] =>
  events.slice(0, events.findIndex(({ type }) => type === 'finish') + 1);

export const protocolContract = (protocol: Protocol): void => {
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

  describe('round trips', () => {
    test(
      'a stream written here reads back as the same answer',
      () => {
        fc.assert(
          fc.property(arbitraryAnswer, chunkSizes, (events, sizes) => {
            const read = decode(protocol, ...rechunk(encode(protocol, events), sizes));
            expect(comparable(protocol.id, read, idsOf(events))).toEqual(
              comparable(protocol.id, events, idsOf(events)),
            );
          }),
          { numRuns: propertyRuns },
        );
      },
      proofMs,
    );

    test(
      'a whole answer written here reads back as the same answer',
      () => {
        fc.assert(
          fc.property(arbitraryAnswer, (events) => {
            const body = json(protocol.whole.encode(events, chatRequest, stamp)) as JsonObject;
            const read = protocol.whole.decode(body, 'chat');
            const expected = comparable(protocol.id, events, idsOf(events));
            const got = comparable(protocol.id, read, idsOf(events));
            // One message has one place for each kind.
            expect(textsByKind(got.said)).toEqual(textsByKind(expected.said));
            expect({ ...got, said: [] }).toEqual({ ...expected, said: [] });
          }),
          { numRuns: propertyRuns },
        );
      },
      proofMs,
    );

    test.each(protocols.map((back) => [back.id, back] as const))(
      'an answer of %s arrives whole',
      (_id, back) => {
        fc.assert(
          fc.property(arbitraryAnswer, (events) => {
            const upstream = decode(back, encode(back, events));
            const client = decode(protocol, encode(protocol, upstream));
            const expected = comparable(back.id, events, idsOf(events));
            const got = comparable(protocol.id, client, idsOf(events));
            const { usage, finish } = expected;
            expect({ said: got.said, calls: got.calls, logprobs: got.logprobs }).toEqual({
              said: expected.said,
              calls: expected.calls,
              logprobs: expected.logprobs,
            });
            expect(got.finish).toEqual([...comparable(protocol.id, [...upstream], idsOf(events)).finish]);
            expect(finish).toHaveLength(1);
            expect(got.usage?.inputTokens).toBe(usage?.inputTokens);
            expect(got.usage?.outputTokens).toBe(usage?.outputTokens);
          }),
          { numRuns: Math.ceil(propertyRuns / 2) },
        );
      },
      proofMs,
    );
  });

  describe('requests', () => {
    for (const operation of ['chat', 'complete'] as const) {
      test.each(fixtures(protocol.id, operation).map((fixture) => [fixture.name, bodyOf(fixture)] as const))(
        `${operation} %s is taken and rendered again without loss`,
        (_name, body) => {
          expect(protocol.peek(body, operation).model).not.toBe('');
          expect(json(protocol.render(protocol.parse(body, operation)).body)).toEqual(body);
        },
      );
    }

    test.each(fixtures(protocol.id, 'embed').map((fixture) => [fixture.name, bodyOf(fixture)] as const))(
      'embed %s is taken and rendered again without loss',
      (_name, body) => {
        expect(protocol.peek(body, 'embed').needs).toContain('embedding');
        const { path } = protocol.routes.find(({ operation }) => operation === 'embed') ?? { path: '' };
        expect(json(protocol.embed.render(protocol.embed.parse(body, path)).body)).toEqual(body);
      },
    );

    for (const operation of ['chat', 'complete'] as const) {
      test(
        `any ${operation} that is taken is rendered again without loss, and never breaks another dialect`,
        () => {
          let taken = 0;
          fc.assert(
            fc.property(arbitraryBodies[protocol.id][operation], (drawn) => {
              const body = json(drawn) as JsonObject;
              if (refused(() => protocol.peek(body, operation)) !== undefined) return;
              taken += 1;
              const request = protocol.parse(body, operation);
              expect(json(protocol.render(request).body)).toEqual(body);
              for (const other of protocols) {
                const refusal = refused(() => JSON.stringify(other.render(request)));
                expect(refusal?.code ?? 'unprocessable').toMatch(/^(invalid_request|unprocessable)$/);
              }
            }),
            { numRuns: propertyRuns },
          );
          expect(taken).toBeGreaterThan(propertyRuns / 10);
        },
        proofMs,
      );
    }

    test('a renamed model is the only thing that changes', () => {
      for (const fixture of fixtures(protocol.id, 'chat')) {
        const body = bodyOf(fixture);
        const rendered = protocol.render({ ...protocol.parse(body, 'chat'), model: 'other' }).body;
        const key = body.model === '' ? 'name' : 'model';
        expect(json(rendered)).toEqual({ ...body, [key]: 'other' });
      }
    });

    test('the same dialect drops nothing', () => {
      for (const fixture of fixtures(protocol.id, 'chat')) {
        expect(protocol.render(protocol.parse(bodyOf(fixture), 'chat')).dropped).toEqual([]);
      }
    });
  });

  describe('errors', () => {
    const codes = Object.keys(statusOf) as ErrorCode[];

    test.each(codes)('%s has a status and a JSON body with its words', (code) => {
      const { status, body } = protocol.error.write(new GatewayError(code, 'said "so"\nand so'), 'r1');
      expect(status).toBe(statusOf[code]);
      expect(JSON.stringify(json(body))).toContain('said \\"so\\"\\nand so');
      expect(Object.keys(body)).toEqual(['error']);
    });

    test.each(codes)('%s inside a stream is read as an error with the same words', (code) => {
      const error = new GatewayError(code, 'said "so"\nand so');
      const encoder = protocol.encoder(chatRequest, stamp);
      const said = encoder.push({ type: 'text-delta', text: 'Hi' });
      const events = decode(protocol, said, protocol.error.inStream(error, 'r1'));
      expect(answerOf(events)).toMatchObject({ error: error.message, finish: [] });
    });
  });

  describe('signs of life', () => {
    test.each(['chat', 'complete'] as const)('a heartbeat of %s holds no content', (operation) => {
      const decoder = protocol.decoder(operation);
      const events = [
        ...decoder.push(protocol.heartbeat('m', operation, stamp)),
        ...decoder.push(protocol.heartbeat('m', operation, stamp)),
      ];
      expect(events.some(isContent)).toBe(false);
      expect(events.every(({ type }) => type === 'response-start')).toBe(true);
    });

    test('facts beside the end change nothing that is read', () => {
      const facts = { backend: 'gpu', reason: 'warm, "near"\nand idle' };
      fc.assert(
        fc.property(arbitraryAnswer, (events) => {
          const bytes = encode(protocol, events);
          const annotated = protocol.annotate(bytes, facts);
          expect(decode(protocol, annotated)).toEqual([...decode(protocol, bytes)]);
          const text = new TextDecoder().decode(annotated);
          expect(text).toContain('pointsman');
          expect(text).toContain('warm, \\"near\\"\\nand idle');
        }),
        { numRuns: 50 },
      );
    });

    test('bytes that stop inside a frame are not annotated', () => {
      const half = new TextEncoder().encode('{"a":"b');
      expect(protocol.annotate(half, { backend: 'gpu' })).toEqual(half);
    });
  });
};

const textsByKind = (said: readonly (readonly [string, string])[]): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const [kind, text] of said) texts[kind] = (texts[kind] ?? '') + text;
  return texts;
};
