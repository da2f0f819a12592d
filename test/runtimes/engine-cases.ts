/** What any engine can show, simulated or real: cases that assume nothing of what it says, only of how. */

import { expect } from 'bun:test';
import { at, type Dialect, dialects, eventsOf, ollama, openAi, post, type Wire } from './dialects.ts';
import { openStream } from './open-stream.ts';

/** One engine behind a running Pointsman. */
export interface Engine {
  readonly origin: string;
  /** The name of its backend. */
  readonly backend: string;
  readonly kind: 'ollama' | 'docker-model-runner' | 'openai-compatible';
  /** By what they can do; absent where the engine has none. */
  readonly models: {
    readonly chat: string;
    readonly tools?: string | undefined;
    readonly thinking?: string | undefined;
    readonly vision?: string | undefined;
    readonly embedding?: string | undefined;
  };
}

/** Why an engine cannot show a case; no failure of Pointsman's. */
export class CannotShow extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'CannotShow';
  }
}

export interface EngineCase {
  readonly name: string;
  readonly prove: (engine: Engine) => Promise<void>;
}

const modelFor = ({ models }: Engine, ability: keyof Engine['models']): string => {
  const model = models[ability];
  if (model === undefined) throw new CannotShow(`no model for ${ability} is named`);
  return model;
};

const nativeOnly = ({ kind }: Engine, why: string): void => {
  if (kind !== 'ollama') throw new CannotShow(why);
};

/** Short answers, so that a slow engine is not kept for long. */
const limited = (dialect: Dialect, tokens: number): Wire =>
  dialect === ollama ? { options: { num_predict: tokens } } : { max_tokens: tokens };

/** What engines without an ability say of it; the request was theirs to refuse. */
const inability = /not support|unsupported|not implemented|only supported|requires|multimodal|mmproj|unable/i;

const asked = async (engine: Engine, path: string, body: Wire): Promise<Response> => {
  const response = await post(engine.origin, path, body);
  if (response.status === 200) {
    expect(response.headers.get('x-pointsman-backend')).toBe(engine.backend);
    return response;
  }
  const text = await response.text();
  if (response.status < 500 && inability.test(text))
    throw new CannotShow(`the engine says: ${text.slice(0, 200)}`);
  throw new Error(`answered ${response.status}: ${text.slice(0, 300)}`);
};

const chatted = async (engine: Engine, dialect: Dialect, model: string, more: Wire = {}) => {
  const response = await asked(
    engine,
    dialect.chatPath,
    dialect.chat(model, { ...limited(dialect, 24), ...more }),
  );
  const text = await response.text();
  return { text, answer: dialect.read(text) };
};

const perDialect = (
  name: string,
  prove: (engine: Engine, dialect: Dialect) => Promise<void>,
): readonly EngineCase[] =>
  dialects.map((dialect) => ({
    name: `${dialect.name}: ${name}`,
    prove: (engine) => prove(engine, dialect),
  }));

const weather = {
  type: 'function',
  function: {
    name: 'get_weather',
    description: 'Get the current weather of a city',
    parameters: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  },
};

/** Eight by eight pixels of one colour. */
const picture =
  'iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGP8z4APMOGVHWHSALy0AQ+V3pMEAAAAAElFTkSuQmCC';

const schema = {
  type: 'object',
  properties: { color: { type: 'string' } },
  required: ['color'],
  additionalProperties: false,
};

const listing: readonly EngineCase[] = [
  {
    name: 'it is up, and its models are in the lists of both dialects',
    prove: async ({ origin, backend, models }) => {
      const health = (await (await fetch(`${origin}/health`)).json()) as {
        readonly backends: readonly Wire[];
      };
      expect(health.backends.find((each) => each.backend === backend)).toMatchObject({ state: 'up' });
      const tags = (await (await fetch(`${origin}/api/tags`)).json()) as { readonly models: readonly Wire[] };
      const list = (await (await fetch(`${origin}/v1/models`)).json()) as { readonly data: readonly Wire[] };
      for (const model of Object.values(models)) {
        if (model === undefined) continue;
        expect(tags.models.map(({ name }) => String(name).replace(/:latest$/, ''))).toContain(
          model.replace(/:latest$/, ''),
        );
        expect(list.data.map(({ id }) => String(id).replace(/:latest$/, ''))).toContain(
          model.replace(/:latest$/, ''),
        );
        const one = await fetch(`${origin}/v1/models/${encodeURIComponent(model)}`);
        expect(await one.json()).toMatchObject({ id: model });
        const shown = await post(origin, '/api/show', { model });
        expect(await shown.json()).toHaveProperty('capabilities');
      }
    },
  },
  ...perDialect('a model it does not have is not found', async ({ origin }, dialect) => {
    const response = await post(origin, dialect.chatPath, dialect.chat('nobody-has-this-model'));
    expect(response.status).toBe(404);
    expect(dialect.messageOf((await response.json()) as Wire)).toContain('not found');
  }),
];

const answering: readonly EngineCase[] = [
  ...perDialect('a stream arrives with its end', async (engine, dialect) => {
    const { answer } = await chatted(engine, dialect, modelFor(engine, 'chat'));
    expect(answer).toMatchObject({ complete: true, error: undefined });
    expect(answer.text + answer.reasoning).not.toBe('');
  }),
  ...perDialect('a stream arrives in pieces', async (engine, dialect) => {
    const body = dialect.chat(modelFor(engine, 'chat'), limited(dialect, 24));
    const stream = openStream(await asked(engine, dialect.chatPath, body));
    await stream.ended;
    expect(stream.arrivals.length).toBeGreaterThan(1);
  }),
  ...perDialect('a whole answer arrives with its counts', async (engine, dialect) => {
    const body = dialect.chat(modelFor(engine, 'chat'), { ...limited(dialect, 24), stream: false });
    const answer = (await (await asked(engine, dialect.chatPath, body)).json()) as Wire;
    const message = at(answer, 'message') ?? at(answer, 'choices', 0, 'message');
    expect(at(message, 'role')).toBe('assistant');
    expect(answer.eval_count ?? at(answer, 'usage', 'completion_tokens')).toBeGreaterThan(0);
  }),
  ...perDialect('an answer that meets its limit says so', async (engine, dialect) => {
    const { text } = await chatted(engine, dialect, modelFor(engine, 'chat'), {
      ...limited(dialect, 3),
      messages: [{ role: 'user', content: 'Count from one to one hundred, in words.' }],
    });
    expect(text).toMatch(/"(finish|done)_reason":\s*"length"/);
  }),
  ...perDialect('an image is taken', async (engine, dialect) => {
    const url = `data:image/png;base64,${picture}`;
    const parts = [
      { type: 'text', text: 'Which colour?' },
      { type: 'image_url', image_url: { url } },
    ];
    const message =
      dialect === ollama
        ? { role: 'user', content: 'Which colour?', images: [picture] }
        : { role: 'user', content: parts };
    const { answer } = await chatted(engine, dialect, modelFor(engine, 'vision'), { messages: [message] });
    expect(answer).toMatchObject({ complete: true, error: undefined });
  }),
  ...perDialect('an answer is bound to a schema', async (engine, dialect) => {
    const format =
      dialect === ollama
        ? { format: schema }
        : { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema, strict: true } } };
    const { answer } = await chatted(engine, dialect, modelFor(engine, 'chat'), {
      ...format,
      ...limited(dialect, 200),
      messages: [{ role: 'user', content: 'Which colour has the sky? Answer in JSON.' }],
    });
    expect(JSON.parse(answer.text)).toEqual({ color: expect.any(String) });
  }),
  ...perDialect('tools are offered and called', async (engine, dialect) => {
    const { text, answer } = await chatted(engine, dialect, modelFor(engine, 'tools'), {
      tools: [weather],
      ...limited(dialect, 400),
      messages: [{ role: 'user', content: 'Use the tool to get the weather in Oslo.' }],
    });
    expect(answer).toMatchObject({ complete: true, error: undefined });
    if (!text.includes('tool_calls')) throw new CannotShow('the model called no tool');
    expect(text).toContain('get_weather');
  }),
  ...perDialect('thinking arrives beside the text', async (engine, dialect) => {
    const think = dialect === ollama ? { think: true } : { reasoning_effort: 'medium' };
    const { answer } = await chatted(engine, dialect, modelFor(engine, 'thinking'), think);
    if (answer.reasoning === '') throw new CannotShow('the model did not think');
    expect(answer.complete).toBe(true);
  }),
  ...perDialect('logprobs arrive where they are asked for', async (engine, dialect) => {
    const { text } = await chatted(engine, dialect, modelFor(engine, 'chat'), {
      logprobs: true,
      top_logprobs: 2,
    });
    if (!/"logprob":/.test(text)) throw new CannotShow('the engine sent none');
    expect(text).toMatch(/"top_logprobs":/);
  }),
  {
    name: 'usage reaches an OpenAI client that asked for it',
    prove: async (engine) => {
      const { text } = await chatted(engine, openAi, modelFor(engine, 'chat'), {
        stream_options: { include_usage: true },
      });
      const usage = eventsOf(text).data.findLast((data) => data.includes('"prompt_tokens"'));
      expect(at(JSON.parse(usage ?? '{}'), 'usage', 'prompt_tokens')).toBeGreaterThan(0);
      expect(at(JSON.parse(usage ?? '{}'), 'usage', 'completion_tokens')).toBeGreaterThan(0);
    },
  },
  {
    name: 'generate and completions answer in their own forms',
    prove: async (engine) => {
      const model = modelFor(engine, 'chat');
      const generated = await asked(engine, '/api/generate', {
        model,
        prompt: 'Hello',
        ...limited(ollama, 24),
      });
      expect(ollama.read(await generated.text())).toMatchObject({ complete: true, error: undefined });
      const body = { model, prompt: 'Hello', stream: true, ...limited(openAi, 24) };
      const completed = openAi.read(await (await asked(engine, '/v1/completions', body)).text());
      expect(completed).toMatchObject({ complete: true, error: undefined });
      expect(completed.objects[0]?.object).toBe('text_completion');
    },
  },
];

const unpacked = (text: unknown): readonly number[] => {
  const bytes = Buffer.from(String(text), 'base64');
  return [...new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length))];
};

const others: readonly EngineCase[] = [
  {
    name: 'embeddings come alike in every form',
    prove: async (engine) => {
      const model = modelFor(engine, 'embedding');
      const json = async (path: string, body: Wire): Promise<Wire> =>
        (await (await asked(engine, path, { model, ...body })).json()) as Wire;
      const floats = at(
        await json('/v1/embeddings', { input: ['one', 'two'] }),
        'data',
        1,
        'embedding',
      ) as number[];
      const packed = at(
        await json('/v1/embeddings', { input: ['one', 'two'], encoding_format: 'base64' }),
        'data',
        1,
        'embedding',
      );
      const embedded = at(await json('/api/embed', { input: ['one', 'two'] }), 'embeddings', 1) as number[];
      expect(floats.length).toBeGreaterThan(8);
      for (const vector of [unpacked(packed), embedded]) {
        expect(vector.length).toBe(floats.length);
        const farthest = Math.max(
          ...vector.map((value, index) => Math.abs(value - (floats[index] ?? Number.NaN))),
        );
        expect(farthest).toBeLessThan(1e-4);
      }
      const legacy = at(await json('/api/embeddings', { prompt: 'two' }), 'embedding') as number[];
      expect(legacy.length).toBe(floats.length);
    },
  },
  {
    name: 'a model is brought into memory and put out of it',
    prove: async (engine) => {
      nativeOnly(engine, 'it has no such request of its own');
      const model = modelFor(engine, 'chat');
      const residency = async (body: Wire): Promise<unknown> =>
        ((await (await post(engine.origin, '/api/generate', { model, ...body })).json()) as Wire).done_reason;
      expect(await residency({ keep_alive: '5m' })).toBe('load');
      expect(await residency({ keep_alive: 0 })).toBe('unload');
    },
  },
  ...perDialect('a client that leaves frees the host for the next', async (engine, dialect) => {
    const leave = new AbortController();
    const messages = [{ role: 'user', content: 'Count from one to one thousand, in words.' }];
    const body = dialect.chat(modelFor(engine, 'chat'), { ...limited(dialect, 2000), messages });
    const stream = openStream(await post(engine.origin, dialect.chatPath, body, { signal: leave.signal }));
    while (stream.arrivals.length === 0) await Bun.sleep(5);
    leave.abort();
    const leftAt = performance.now();
    for (let inflight = 1; inflight > 0; await Bun.sleep(10)) {
      inflight = Number(at(await (await fetch(`${engine.origin}/stats`)).json(), 'inflight'));
      expect(performance.now() - leftAt).toBeLessThan(1000);
    }
    const { answer } = await chatted(engine, dialect, modelFor(engine, 'chat'));
    expect(answer.complete).toBe(true);
  }),
  {
    name: 'several streams at once all arrive whole',
    prove: async (engine) => {
      const streams = [0, 1, 2, 3].map((index) =>
        chatted(engine, dialects[index % 2] as Dialect, modelFor(engine, 'chat')),
      );
      for (const { answer } of await Promise.all(streams))
        expect(answer).toMatchObject({ complete: true, error: undefined });
    },
  },
];

export const engineCases: readonly EngineCase[] = [...listing, ...answering, ...others];
