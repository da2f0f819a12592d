import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { Ollama } from 'ollama';
import { ollama } from '../../../src/protocols/ollama/index.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import { propertyRuns } from '../../property-runs.ts';
import { chunkSizes, rechunk } from '../../wire/rechunk.ts';
import { answerOf } from '../answer.ts';
import { arbitraryAnswer } from '../arbitrary-answers.ts';
import { decode, encode, proofMs } from '../codec.ts';

/** What the SDK hands on of a stream that is cut like this. */
const heard = async (chunks: readonly Uint8Array[]) => {
  const body = new ReadableStream({
    start: (out) => {
      for (const chunk of chunks) if (chunk.length > 0) out.enqueue(chunk);
      out.close();
    },
  });
  const answered = async (): Promise<Response> => new Response(body);
  const client = new Ollama({ fetch: Object.assign(answered, { preconnect: () => undefined }) });
  const seen = { text: '', thoughts: '', done: false };
  const calls: (readonly [name: string, given: unknown])[] = [];
  for await (const { message, done } of await client.chat({ model: 'm', messages: [], stream: true })) {
    seen.text += message.content;
    seen.thoughts += message.thinking ?? '';
    seen.done = done;
    for (const { function: call } of message.tool_calls ?? []) calls.push([call.name, call.arguments]);
  }
  return { ...seen, calls };
};

test(
  'Ollama’s SDK reads any translated stream of any dialect as the same message, however it was cut',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...protocols),
        arbitraryAnswer,
        chunkSizes,
        async (back, events, sizes) => {
          const upstream = decode(back, encode(back, events));
          const answer = answerOf(upstream);
          const textOf = (kind: string): string =>
            answer.said.map(([each, text]) => (each === kind ? text : '')).join('');
          expect(await heard(rechunk(encode(ollama, upstream), sizes))).toEqual({
            text: textOf('text'),
            thoughts: textOf('reasoning'),
            calls: answer.calls.map(({ name, arguments: json }) => [name, JSON.parse(json)]),
            done: true,
          });
        },
      ),
      { numRuns: propertyRuns },
    );
  },
  proofMs,
);
