/** One dialect in front of the other: what is said on one side is heard on the other. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { at, type Dialect, linesOf, ollama, openAi, post, say, type Wire } from './dialects.ts';
import { engineOf, type StreamBench } from './stream-bench.ts';

interface Pair {
  readonly front: Dialect;
  readonly back: Dialect;
}

const pairs: readonly Pair[] = [
  { front: openAi, back: ollama },
  { front: ollama, back: openAi },
];

const titleOf = ({ front, back }: Pair): string => `${front.name} over ${back.kind}`;

/** A request whose answer is spoken by the engine; returns what came and what the engine was sent. */
const exchange = async (
  bench: StreamBench,
  { front, back }: Pair,
  more: Wire,
  stream: string,
  path = front.chatPath,
) => {
  const { engine, model } = engineOf(bench, back);
  engine.answer((call) => {
    call.begin(back.streamType);
    call.write(stream);
    call.end();
  });
  const response = await post(bench.origin, path, front.chat(model, more));
  const text = await response.text();
  const call = engine.calls.at(-1);
  return { response, text, answer: front.read(text), sent: call?.body ?? {}, path: call?.path };
};

const casesOf = (pair: Pair): readonly Case<StreamBench>[] => {
  const { front, back } = pair;
  const title = titleOf(pair);
  return [
    {
      name: `${title}: a stream arrives as the caller's dialect writes it, down to its end`,
      prove: async (bench) => {
        const stream = back.prelude + back.text('Hello ') + back.text('wörld 😀') + back.end;
        const { response, answer, sent, path } = await exchange(bench, pair, {}, stream);
        expect(response.headers.get('content-type')).toContain(front.streamType);
        expect(answer).toMatchObject({ text: 'Hello wörld 😀', complete: true, error: undefined });
        expect(path).toBe(back.chatPath);
        expect(at(sent, 'messages', 0)).toEqual({ role: 'user', content: 'Say hello' });
        const { model } = engineOf(bench, back);
        for (const each of answer.objects) expect(each.model).toBe(model);
      },
    },
    {
      name: `${title}: characters cut in two on their way arrive whole`,
      prove: async (bench) => {
        const { engine, model } = engineOf(bench, back);
        const bytes = Buffer.from(back.text('ä😀漢') + back.end);
        engine.answer((call) => {
          call.begin(back.streamType);
          for (const byte of bytes) call.write(Uint8Array.of(byte));
          call.end();
        });
        const response = await post(bench.origin, front.chatPath, front.chat(model));
        expect(front.read(await response.text())).toMatchObject({ text: 'ä😀漢', complete: true });
      },
    },
    {
      name: `${title}: a whole answer is translated too`,
      prove: async (bench) => {
        const { engine, model } = engineOf(bench, back);
        engine.answer((call) => call.whole(back.whole('Hello')));
        const response = await post(bench.origin, front.chatPath, front.chat(model, { stream: false }));
        const body = (await response.json()) as Wire;
        expect(engine.calls.at(-1)?.body.stream).toBe(false);
        const shape = front.whole('Hello');
        expect(Object.keys(body)).toEqual(
          expect.arrayContaining(Object.keys(shape).filter((key) => key !== 'id')),
        );
        expect(at(body, 'message', 'content') ?? at(body, 'choices', 0, 'message', 'content')).toBe('Hello');
        expect(body.prompt_eval_count ?? at(body, 'usage', 'prompt_tokens')).toBe(7);
      },
    },
    {
      name: `${title}: sampling settings arrive under the names of the engine`,
      prove: async (bench) => {
        const settings = { temperature: 0.5, top_p: 0.25, seed: 7, stop: ['END'] };
        const more =
          front === ollama ? { options: { ...settings, num_predict: 11 } } : { ...settings, max_tokens: 11 };
        const { sent } = await exchange(bench, pair, more, back.text('hi') + back.end);
        if (back === ollama) expect(sent.options).toEqual({ ...settings, num_predict: 11 });
        else expect(sent).toMatchObject({ ...settings, max_tokens: 11 });
      },
    },
    {
      name: `${title}: an image arrives where the engine looks for it`,
      prove: async (bench) => {
        const data = 'iVBORw0KGgoAAAANSUhEUg==';
        const text = 'What is this?';
        const parts = [
          { type: 'text', text },
          { type: 'image_url', image_url: { url: `data:image/png;base64,${data}` } },
        ];
        const message = { role: 'user', content: front === ollama ? text : parts };
        const messages = [front === ollama ? { ...message, images: [data] } : message];
        const { sent } = await exchange(bench, pair, { messages }, back.text('A dot') + back.end);
        const got = at(sent, 'messages', 0);
        if (back === ollama) expect(got).toEqual({ role: 'user', content: text, images: [data] });
        else expect(at(got, 'content')).toEqual(expect.arrayContaining(parts));
      },
    },
    {
      name: `${title}: an answer may be bound to a schema`,
      prove: async (bench) => {
        const schema = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] };
        const format = { type: 'json_schema', json_schema: { name: 'answer', schema } };
        const more = front === ollama ? { format: schema } : { response_format: format };
        const { sent, answer } = await exchange(bench, pair, more, back.text('{"a":1}') + back.end);
        expect(answer.text).toBe('{"a":1}');
        if (back === ollama) expect(sent.format).toEqual(schema);
        else expect(sent.response_format).toMatchObject({ type: 'json_schema', json_schema: { schema } });
      },
    },
  ];
};

export const translationCases: readonly Case<StreamBench>[] = [
  ...pairs.flatMap(casesOf),
  {
    name: 'usage is sent to an OpenAI client that asked for it, and only to one that did',
    prove: async (bench) => {
      const pair = { front: openAi, back: ollama };
      const stream = ollama.text('hi') + ollama.end;
      const asked = await exchange(bench, pair, { stream_options: { include_usage: true } }, stream);
      const last = asked.answer.objects.at(-1);
      expect(last?.usage).toMatchObject({ prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 });
      expect(last?.choices).toEqual([]);
      const silent = await exchange(bench, pair, {}, stream);
      expect(silent.text).not.toContain('"usage"');
    },
  },
  {
    name: 'an Ollama client gets counts and durations from an engine that must be asked for them',
    prove: async (bench) => {
      const pair = { front: ollama, back: openAi };
      const { answer, sent } = await exchange(bench, pair, {}, openAi.text('hi') + openAi.end);
      expect(sent.stream_options).toEqual({ include_usage: true });
      const last = answer.objects.at(-1);
      expect(last).toMatchObject({ done: true, done_reason: 'stop', prompt_eval_count: 7, eval_count: 2 });
      expect(Number.isInteger(last?.total_duration)).toBe(true);
    },
  },
  {
    name: "Ollama's generate reaches an OpenAI-compatible server and answers in its own form",
    prove: async (bench) => {
      const pair = { front: ollama, back: openAi };
      const stream = openAi.text('Hel') + openAi.text('lo') + openAi.end;
      const more = { prompt: 'Say hello', system: 'Be brief', messages: undefined };
      const { text, answer, sent } = await exchange(bench, pair, more, stream, '/api/generate');
      expect(answer).toMatchObject({ text: 'Hello', complete: true });
      expect(linesOf(text).every((line) => typeof line.response === 'string')).toBe(true);
      expect(at(sent, 'messages', 0)).toEqual({ role: 'system', content: 'Be brief' });
      expect(at(sent, 'messages', 1, 'content')).toBe('Say hello');
    },
  },
  {
    name: 'an OpenAI completion reaches Ollama as a generate and answers in its own form',
    prove: async (bench) => {
      const pair = { front: openAi, back: ollama };
      const line = (response: string): string => `${JSON.stringify({ model: 'm', response, done: false })}\n`;
      const stream = line('Hel') + line('lo') + ollama.end;
      const more = { prompt: 'Say hello', messages: undefined };
      const { answer, sent, path } = await exchange(bench, pair, more, stream, '/v1/completions');
      expect(path).toBe('/api/generate');
      expect(sent.prompt).toBe('Say hello');
      expect(answer).toMatchObject({ text: 'Hello', complete: true });
      expect(answer.objects[0]?.object).toBe('text_completion');
    },
  },
  {
    name: 'what the engine cannot be told is named in the answer, and the rest is served',
    prove: async (bench) => {
      const pair = { front: openAi, back: ollama };
      const { response } = await exchange(bench, pair, { n: 2, user: 'me' }, ollama.text('hi') + ollama.end);
      expect(response.status).toBe(200);
      expect(response.headers.get('x-pointsman-dropped')).toContain('n');
      expect(response.headers.get('x-pointsman-dropped')).toContain('user');
    },
  },
  {
    name: 'a prompt for an Ollama host goes to its own paths, whatever the client speaks',
    prove: async (bench) => {
      bench.native.answer((call) => say(call, ollama, 'hi'));
      for (const front of [ollama, openAi]) {
        await (await post(bench.origin, front.chatPath, front.chat('m'))).text();
        expect(bench.native.calls.at(-1)?.path).toBe('/api/chat');
      }
    },
  },
];
