/** Random answers of every dialect, translated into Google's, as its own SDK puts them together. */

import { expect, test } from 'bun:test';
import { GoogleGenAI, type Part } from '@google/genai';
import fc from 'fast-check';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import { protocols } from '../../../src/protocols/registry.ts';
import type { ChatEvent } from '../../../src/spec/chat-event.ts';
import { propertyRuns } from '../../property-runs.ts';
import { chunkSizes, rechunk } from '../../wire/rechunk.ts';
import { answerOf } from '../answer.ts';
import { arbitraryAnswer } from '../arbitrary-answers.ts';
import { decode, encode, proofMs } from '../codec.ts';

interface Message {
  readonly text: string;
  readonly thoughts: string;
  readonly calls: readonly { readonly name: string; readonly args: unknown }[];
  readonly reason: string | undefined;
  readonly tokens: number | undefined;
}

/** The client, answered with these bytes as they are cut. */
const heard = async (chunks: readonly Uint8Array[]): Promise<Message> => {
  const client = new GoogleGenAI({
    apiKey: 'unused',
    httpOptions: {
      fetch: async () =>
        new Response(
          new ReadableStream({
            start: (out) => {
              for (const chunk of chunks) if (chunk.length > 0) out.enqueue(chunk);
              out.close();
            },
          }),
          { headers: { 'content-type': 'text/event-stream' } },
        ),
    },
  });
  const parts: Part[] = [];
  let reason: string | undefined;
  let tokens: number | undefined;
  for await (const chunk of await client.models.generateContentStream({ model: 'm', contents: 'Hi' })) {
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    reason = chunk.candidates?.[0]?.finishReason ?? reason;
    tokens = chunk.usageMetadata?.promptTokenCount ?? tokens;
  }
  const textOf = (thought: boolean): string =>
    parts.map((part) => ((part.thought === true) === thought ? (part.text ?? '') : '')).join('');
  const calls = parts.flatMap(({ functionCall }) =>
    functionCall === undefined ? [] : [{ name: functionCall.name ?? '', args: functionCall.args }],
  );
  return { text: textOf(false), thoughts: textOf(true), calls, reason, tokens };
};

/** What the events say, in the same form. */
const said = (events: readonly ChatEvent[]): Omit<Message, 'reason'> => {
  const answer = answerOf(events);
  const textOf = (kind: string): string =>
    answer.said.map(([each, text]) => (each === kind ? text : '')).join('');
  return {
    text: textOf('text'),
    thoughts: textOf('reasoning'),
    calls: answer.calls.map(({ name, arguments: json }) => ({ name, args: JSON.parse(json) })),
    tokens: answer.usage === undefined ? undefined : (answer.usage.inputTokens ?? 0),
  };
};

test(
  'a stream of any dialect is the same message to Google’s SDK, however it was cut',
  async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...protocols),
        arbitraryAnswer,
        chunkSizes,
        async (back, events, sizes) => {
          const upstream = decode(back, encode(back, events));
          const { reason, ...message } = await heard(rechunk(encode(gemini, upstream), sizes));
          expect(message).toEqual(said(upstream));
          expect(reason).toBeString();
        },
      ),
      { numRuns: propertyRuns },
    );
  },
  proofMs,
);

test('a stream that broke off throws, wherever its last words are cut', async () => {
  const begun = gemini.encoder(
    { model: 'm', stream: true, messages: [], sampling: {}, includeUsage: true },
    { id: 'a', createdUnix: 0, now: () => '', elapsedMs: () => 0 },
  );
  const bytes = new TextEncoder().encode(
    new TextDecoder().decode(begun.push({ type: 'text-delta', text: 'Hi' })) +
      '{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}\n',
  );
  for (let cut = 0; cut <= bytes.length; cut += 1) {
    const failure = await heard([bytes.slice(0, cut), bytes.slice(cut)]).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(Error);
  }
});
