import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type OpenAI from 'openai';
import { ResponseStream } from 'openai/lib/responses/ResponseStream';
import { openaiResponses } from '../../../src/protocols/openai-responses/index.ts';
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

interface Accumulated {
  readonly final: OpenAI.Responses.Response;
  /** What its own events say of the text, delta by delta. */
  readonly snapshots: string;
}

const accumulated = async (bytes: Uint8Array): Promise<Accumulated> => {
  const stream = ResponseStream.fromReadableStream(linesOf(bytes));
  let snapshots = '';
  stream.on('response.output_text.delta', ({ delta }) => {
    snapshots += delta;
  });
  return { final: await stream.finalResponse(), snapshots };
};

describe('the official SDK’s accumulator', () => {
  test(
    'puts any translated stream of any dialect together to the same response',
    async () => {
      await fc.assert(
        fc.asyncProperty(fc.constantFrom(...protocols), arbitraryAnswer, async (back, events) => {
          const upstream = decode(back, encode(back, events));
          const bytes = encode(openaiResponses, upstream);
          const { final, snapshots } = await accumulated(bytes);
          const read = openaiResponses.whole.decode(asJson(final) as JsonObject, 'chat');
          expect(normalise('openai-responses', answerOf(read))).toEqual(
            normalise('openai-responses', answerOf(decode(openaiResponses, bytes))),
          );
          expect(final.output_text).toBe(snapshots);
        }),
        { numRuns: propertyRuns },
      );
    },
    proofMs,
  );

  test('throws what broke a stream', async () => {
    const bytes = encode(openaiResponses, [{ type: 'text-delta', text: 'Hi' }]);
    const text = new TextDecoder().decode(bytes).split('event: response.completed')[0] ?? '';
    const failed = `${text}event: error\ndata: {"type":"error","code":"server_error","message":"gone","param":null,"sequence_number":9}\n\n`;
    const stream = ResponseStream.fromReadableStream(linesOf(new TextEncoder().encode(failed)));
    expect(await stream.finalResponse().catch((error: unknown) => error)).toMatchObject({ message: 'gone' });
  });
});
