/** The laws of writing: what one codec writes, it and the others read back. */

import { expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Protocol } from '../../src/protocols/protocol.ts';
import { protocols } from '../../src/protocols/registry.ts';
import type { ChatEvent } from '../../src/spec/chat-event.ts';
import type { JsonObject } from '../../src/spec/json.ts';
import { propertyRuns } from '../property-runs.ts';
import { chunkSizes, rechunk } from '../wire/rechunk.ts';
import { arbitraryAnswer, comparable } from './arbitrary-answers.ts';
import { asJson, chatRequest, decode, encode, proofMs, stamp } from './codec.ts';

const idsOf = (events: readonly ChatEvent[]): readonly (string | undefined)[] =>
  events.flatMap((event) => (event.type === 'tool-call-start' ? [event.id] : []));

const textsByKind = (said: readonly (readonly [string, string])[]): Record<string, string> => {
  const texts: Record<string, string> = {};
  for (const [kind, text] of said) texts[kind] = (texts[kind] ?? '') + text;
  return texts;
};

/** Tests one dialect. */
export const roundTripContract = (protocol: Protocol): void => {
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
          const body = asJson(protocol.whole.encode(events, chatRequest, stamp)) as JsonObject;
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
          // What `back` keeps of an answer is its own law; nothing more of that is lost than `protocol` has no words for.
          const expected = comparable(protocol.id, upstream, idsOf(events));
          expect(comparable(protocol.id, client, idsOf(events))).toEqual(expected);
          expect(expected.finish).toHaveLength(1);
        }),
        { numRuns: Math.ceil(propertyRuns / 2) },
      );
    },
    proofMs,
  );
};
