import { expect, test } from 'bun:test';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { streamText } from 'ai';
import fc from 'fast-check';
import type OpenAI from 'openai';
import { ChatCompletionStream } from 'openai/lib/ChatCompletionStream';
import { openaiChat } from '../../../src/protocols/openai-chat/index.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import type { JsonObject } from '../../../src/spec/json.ts';
import { propertyRuns } from '../../property-runs.ts';
import { type Answer, answerOf } from '../answer.ts';
import { arbitraryAnswer, normalise } from '../arbitrary-answers.ts';
import { asJson, decode, encode, proofMs } from '../codec.ts';

/** The event stream as the SDK's own transport hands it to its accumulator. */
const linesOf = (bytes: Uint8Array): ReadableStream =>
  new Blob(
    new TextDecoder()
      .decode(bytes)
      .split('\n')
      .filter((line) => line.startsWith('data: {'))
      .map((line) => `${line.slice('data: '.length)}\n`),
  ).stream();

const accumulated = (bytes: Uint8Array): Promise<OpenAI.ChatCompletion> =>
  ChatCompletionStream.fromReadableStream(linesOf(bytes)).finalChatCompletion();

/** A message has one text, and of reasoning the SDK knows nothing: it keeps the last piece of what it does not know. */
const shownBySdk = (answer: Answer): object => {
  const { said, ...rest } = normalise('openai-chat', answer);
  return { ...rest, text: said.map(([kind, text]) => (kind === 'text' ? text : '')).join('') };
};

test(
  'OpenAI’s SDK puts any translated stream of any dialect together to the same completion',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...protocols), arbitraryAnswer, async (back, events) => {
        const bytes = encode(openaiChat, decode(back, encode(back, events)));
        const read = openaiChat.whole.decode(asJson(await accumulated(bytes)) as JsonObject, 'chat');
        expect(shownBySdk(answerOf(read))).toEqual(shownBySdk(answerOf(decode(openaiChat, bytes))));
      }),
      { numRuns: propertyRuns },
    );
  },
  proofMs,
);

/** What the AI SDK makes of a stream, without tools of ours to run. */
const heard = async (bytes: Uint8Array) => {
  const fetch = async (): Promise<Response> =>
    new Response(new TextDecoder().decode(bytes), { headers: { 'content-type': 'text/event-stream' } });
  const provider = createOpenAICompatible({
    name: 'pointsman',
    baseURL: 'http://localhost/v1',
    fetch: Object.assign(fetch, { preconnect: () => undefined }),
  });
  let failure: unknown;
  const result = streamText({
    model: provider('m'),
    prompt: 'Hi',
    maxRetries: 0,
    onError: ({ error }) => {
      failure = error;
    },
  });
  const [text, thoughts, calls] = await Promise.all([result.text, result.reasoningText, result.toolCalls]);
  expect(failure).toBeUndefined();
  return { text, thoughts: thoughts ?? '', calls };
};

test(
  'the AI SDK reads any translated stream of any dialect as the same text, thoughts and calls',
  async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...protocols), arbitraryAnswer, async (back, events) => {
        const upstream = decode(back, encode(back, events));
        const answer = answerOf(upstream);
        const textOf = (kind: string): string =>
          answer.said.map(([each, text]) => (each === kind ? text : '')).join('');
        const { text, thoughts, calls } = await heard(encode(openaiChat, upstream));
        expect(text).toBe(textOf('text'));
        expect(thoughts).toBe(textOf('reasoning'));
        expect(calls.map(({ toolName, input }) => [toolName, input])).toEqual(
          answer.calls.map(({ name, arguments: json }) => [name, JSON.parse(json)]),
        );
      }),
      { numRuns: propertyRuns },
    );
  },
  proofMs,
);
