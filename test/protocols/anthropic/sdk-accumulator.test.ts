import { describe, expect, test } from 'bun:test';
import type Anthropic from '@anthropic-ai/sdk';
import { MessageStream } from '@anthropic-ai/sdk/lib/MessageStream';
import fc from 'fast-check';
import { anthropic } from '../../../src/protocols/anthropic/index.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import { propertyRuns } from '../../property-runs.ts';
import { answerOf } from '../answer.ts';
import { arbitraryAnswer, normalise } from '../arbitrary-answers.ts';
import { asJson, decode, encode, proofMs } from '../codec.ts';

/** The event stream as the SDK's own transport hands it to its accumulator. */
const linesOf = (bytes: Uint8Array): ReadableStream =>
  new Blob(
    new TextDecoder()
      .decode(bytes)
      .split('\n')
      .filter((line) => line.startsWith('data: '))
      .map((line) => `${line.slice('data: '.length)}\n`),
  ).stream();

const accumulated = (bytes: Uint8Array): Promise<Anthropic.Message> =>
  MessageStream.fromReadableStream(linesOf(bytes)).finalMessage();

describe('the official SDK’s accumulator', () => {
  test(
    'puts any translated stream of any dialect together to the same message',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...protocols), arbitraryAnswer, async (back, events) => {
          const upstream = decode(back, encode(back, events));
          const message = await accumulated(encode(anthropic, upstream));
          const read = anthropic.whole.decode(asJson(message) as JsonObject, 'chat');
          expect(normalise('anthropic', answerOf(read))).toEqual(
            normalise('anthropic', answerOf(decode(anthropic, encode(anthropic, upstream)))),
          );
        }),
        { numRuns: propertyRuns },
      );
    },
    proofMs,
  );
});
