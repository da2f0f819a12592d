import { describe, expect, test } from 'bun:test';
import { builtInWeights } from '../../src/core/complexity/built-in-weights.ts';
import { useModel } from '../../src/core/complexity/complexity.ts';
import { complexityModel } from '../../src/core/complexity/model.ts';
import { readDecision } from '../../src/core/read-decision.ts';
import { replay } from '../../src/core/replay.ts';
import type { Analysis } from '../../src/spec/analysis.ts';
import type { Decision } from '../../src/spec/decision.ts';
import type { Json } from '../../src/spec/json.ts';
import { answer, type Bench, bench, saying } from './scripted.ts';

const hard =
  'For which of these two scenarios does the main character do something that is clearly morally wrong, according to ordinary standards? Scenario 1: I told my sister that I would not come although I had promised it. Scenario 2: I gave the keys to nobody except the owner. A. Wrong, Wrong B. Wrong, Not wrong C. Not wrong, Wrong D. Not wrong, Not wrong';
const easy = 'Who wrote the Iliad?';

const ask = (model: string, content: string, more: Record<string, unknown> = {}) => ({
  model,
  stream: true,
  messages: [{ role: 'user', content }],
  ...more,
});

const fleet = async (
  config: Record<string, unknown> = {},
  models: Readonly<Record<string, readonly string[]>> = { box: ['llama3.2:3b', 'gpt-oss:20b'] },
  backends: Readonly<Record<string, Record<string, unknown>>> = {},
): Promise<Bench> => {
  const kinds = Object.fromEntries(
    Object.keys(models).map((id) => [id, { kind: 'ollama', ...backends[id] }]),
  ) as Parameters<typeof bench>[0];
  const given = await bench(kinds, config);
  for (const [id, names] of Object.entries(models)) {
    const script = given.script(id);
    script.models = names;
    script.loaded = names;
    script.infer = answer;
  }
  for (const host of given.app.gateway.fleet.hosts()) await given.app.gateway.discovery.look(host);
  return given;
};

/** The model that the request was sent on with. */
const sentTo = async (given: Bench, body: object, init?: RequestInit): Promise<string> => {
  const response = await given.post('/api/chat', body, init);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${response.status} ${text}`);
  return response.headers.get('x-pointsman-model') ?? '';
};

const refusal = async (given: Bench, body: object, init?: RequestInit) => {
  const response = await given.post('/v1/chat/completions', body, init);
  const { error } = (await response.json()) as { error: { message: string; param?: string } };
  return { status: response.status, ...error };
};

describe('a request for auto', () => {
  test('goes to a small model where it is easy, and to a large one where it is hard', async () => {
    const given = await fleet();
    expect(await sentTo(given, ask('auto', easy))).toBe('llama3.2:3b');
    expect(await sentTo(given, ask('auto', hard))).toBe('gpt-oss:20b');
  });

  test('reads the weights, which one that names its model does not', async () => {
    const given = await fleet();
    const model = complexityModel(builtInWeights);
    let looks = 0;
    useModel({
      ...model,
      get pieces() {
        looks += 1;
        return model.pieces;
      },
    });
    expect(await sentTo(given, ask('gpt-oss:20b', hard))).toBe('gpt-oss:20b');
    expect(looks).toBe(0);
    await sentTo(given, ask('auto', hard));
    expect(looks).toBeGreaterThan(0);
    useModel(undefined);
  });

  test('is sent on with the name of the model that was chosen', async () => {
    const given = await fleet();
    await sentTo(given, ask('auto', hard));
    expect(given.script('box').calls[0]?.body).toMatchObject({ model: 'gpt-oss:20b' });
  });

  test('by the name :fast takes the weakest tier, by :heavy the strongest, whatever it asks', async () => {
    const given = await fleet();
    expect(await sentTo(given, ask('auto:fast', hard))).toBe('llama3.2:3b');
    expect(await sentTo(given, ask('auto:heavy', easy))).toBe('gpt-oss:20b');
  });

  test('tells the reason in a header', async () => {
    const given = await fleet();
    const response = await given.post('/api/chat', ask('auto', hard));
    expect(response.headers.get('x-pointsman-reason')).toMatch(/^auto: large \(complexity 0\.\d\d, \w+\)/);
  });

  test('chooses among the models that are configured', async () => {
    const given = await fleet(
      { auto: { small: 'tiny', large: ['big', 'other'], threshold: 0.7 } },
      { box: ['tiny', 'big', 'mid'] },
    );
    expect(await sentTo(given, ask('auto', easy))).toBe('tiny');
    expect(await sentTo(given, ask('auto', hard))).toBe('big');
  });

  test('may ask for a group by its name', async () => {
    const given = await fleet(
      { auto: { groups: { coding: { small: 'coder:1b', large: 'coder:30b' } } } },
      { box: ['coder:1b', 'coder:30b', 'llama3.2:3b'] },
    );
    expect(await sentTo(given, ask('coding', easy))).toBe('coder:1b');
    expect(await sentTo(given, ask('auto:coding', hard))).toBe('coder:30b');
    expect(await sentTo(given, ask('coding:heavy', easy))).toBe('coder:30b');
  });

  test('for a group that does not exist is refused with those that do', async () => {
    const given = await fleet({ auto: { groups: { coding: { small: 'llama3.2:3b' } } } });
    const { status, message, param } = await refusal(given, ask('auto:codign', easy));
    expect({ status, param }).toEqual({ status: 400, param: 'model' });
    expect(message).toContain("no group 'codign'");
    expect(message).toContain('auto, coding');
  });

  test('for a group whose hosts are all down is no mistake of the caller', async () => {
    const given = await bench({ box: { kind: 'ollama' } });
    given.script('box').alive = false;
    for (const host of given.app.gateway.fleet.hosts()) await given.app.gateway.discovery.look(host);
    for (const name of ['auto', 'auto:fast', 'auto:heavy'])
      expect((await refusal(given, ask(name, easy))).status).toBeGreaterThanOrEqual(500);
  });

  test('goes on to another model where the first host fails before content', async () => {
    const given = await fleet({}, { near: ['gpt-oss:20b'], far: ['qwen3:32b'] });
    given.script('near').infer = () => new Response('{"error":"no"}', { status: 500 });
    expect(await sentTo(given, ask('auto', hard))).toBe('qwen3:32b');
  });

  test('that is hard waits for a strong model rather than taking a weak one that is free', async () => {
    const given = await fleet(
      {},
      { weak: ['llama3.2:3b'], strong: ['gpt-oss:20b'] },
      { strong: { slots: 1 }, weak: { slots: 1 } },
    );
    let release: (response: Response) => void = () => undefined;
    given.script('strong').infer = () =>
      new Promise<Response>((resolve) => {
        release = resolve;
      });
    const first = given.post('/api/chat', ask('auto', hard));
    while (given.script('strong').calls.length === 0) await Promise.resolve();
    const second = given.post('/api/chat', ask('auto', hard));
    given.script('strong').infer = answer;
    release(answer());
    await (await first).text();
    const response = await second;
    await response.text();
    expect(response.headers.get('x-pointsman-model')).toBe('gpt-oss:20b');
    expect(given.script('weak').calls).toHaveLength(0);
  });

  test('that is easy takes a free strong model rather than waiting for a weak one', async () => {
    const given = await fleet(
      {},
      { weak: ['llama3.2:3b'], strong: ['gpt-oss:20b'] },
      { strong: { slots: 1 }, weak: { slots: 1 } },
    );
    given.script('weak').infer = () => new Promise<Response>(() => undefined);
    void given.post('/api/chat', ask('auto', easy));
    while (given.script('weak').calls.length === 0) await Promise.resolve();
    expect(await sentTo(given, ask('auto', easy))).toBe('gpt-oss:20b');
  });

  test('for vectors goes to a model that makes them, and one for words does not', async () => {
    const given = await fleet({}, { box: ['nomic-embed-text', 'llama3.2:3b'] });
    given.script('box').infer = () => Response.json({ model: 'x', embeddings: [[1, 2]] });
    const response = await given.post('/api/embed', { model: 'auto', input: 'a text' });
    await response.text();
    expect(response.headers.get('x-pointsman-model')).toBe('nomic-embed-text');
    given.script('box').infer = answer;
    expect(await sentTo(given, ask('auto', easy))).toBe('llama3.2:3b');
  });

  test('that holds pictures never goes to a model known to see none', async () => {
    const given = await fleet(
      {
        models: {
          'llava:7b': { card: { capabilities: ['completion', 'vision'] } },
          'gpt-oss:20b': { card: { capabilities: ['completion'] } },
        },
      },
      { box: ['llava:7b', 'gpt-oss:20b'] },
    );
    const body = {
      model: 'auto',
      stream: true,
      messages: [{ role: 'user', content: hard, images: ['iVBORw0KGgo='] }],
    };
    expect(await sentTo(given, body)).toBe('llava:7b');
  });

  test('whatever stands in it is never an error of ours', async () => {
    const given = await fleet();
    for (const content of ['', '   ', '\u0000\ud800\uffff', '가나다'.repeat(50), 'x'.repeat(300_000)])
      expect(await sentTo(given, ask('auto', content))).toMatch(/llama|gpt/);
    const parts = [
      { type: 'video_url', value: 1 },
      { type: 'text', text: 'hello' },
    ];
    const response = await given.post('/v1/chat/completions', {
      model: 'auto',
      messages: [{ role: 'user', content: parts }],
    });
    await response.text();
    expect(response.headers.get('x-pointsman-model')).toMatch(/llama|gpt/);
  });

  test('of ten megabytes is read at both ends, and counted whole', async () => {
    const given = await fleet();
    const filler = 'the harbour lies still and the boats lie in it '.repeat(220_000);
    for (const content of [`${filler} ${hard}`, `${hard} ${filler}`]) {
      const body = { model: 'auto', stream: false, messages: [{ role: 'user', content }] };
      const response = await given.post('/api/v1/analyze', body);
      const { analysis } = (await response.json()) as { analysis: Analysis };
      expect(analysis.complexity.value).toBeGreaterThan(0.5);
      expect(analysis.inputTokens.value).toBeGreaterThan(2_000_000);
      expect(analysis.inputTokens.value).toBeLessThan(4_000_000);
    }
  });

  test('a model that really goes by that name is that model', async () => {
    const given = await fleet({}, { box: ['auto', 'gpt-oss:20b'] });
    expect(await sentTo(given, ask('auto', hard))).toMatch(/^auto/);
  });

  test('groups are listed where that is wanted, and else not', async () => {
    const names = async (given: Bench): Promise<readonly string[]> => {
      const response = await given.app.fetch(
        new Request('http://localhost:5010/api/tags', { headers: { host: 'localhost:5010' } }),
      );
      const { models } = (await response.json()) as { models: { name: string }[] };
      return models.map(({ name }) => name);
    };
    expect(await names(await fleet())).toEqual(['gpt-oss:20b', 'llama3.2:3b']);
    expect(await names(await fleet({ auto: { listed: true } }))).toEqual([
      'auto',
      'gpt-oss:20b',
      'llama3.2:3b',
    ]);
  });
});

describe('constraints', () => {
  test('are taken out before a body goes to an engine, for a named model as well', async () => {
    const given = await fleet();
    const limits = { max_latency_ms: 1e9, zone: 'local', constraints: { min_reliability: 0.1 } };
    await sentTo(given, ask('llama3.2:3b', easy, limits));
    await (await given.post('/v1/chat/completions', ask('auto', easy, limits))).text();
    for (const { body } of given.script('box').calls) {
      expect(Object.keys(body as object)).not.toContain('max_latency_ms');
      expect(Object.keys(body as object)).not.toContain('zone');
      expect(Object.keys(body as object)).not.toContain('constraints');
    }
    expect(given.script('box').calls).toHaveLength(2);
  });

  test('excluded models are not chosen', async () => {
    const given = await fleet();
    expect(await sentTo(given, ask('auto', easy, { excluded_models: ['LLAMA3.2:3b'] }))).toBe('gpt-oss:20b');
  });

  test('a preferred backend goes first among equals', async () => {
    const given = await fleet({}, { a: ['llama3.2:3b'], b: ['llama3.2:3b'] });
    for (const wanted of ['a', 'b']) {
      const response = await given.post('/api/chat', ask('auto', easy, { preferred_backend: wanted }));
      await response.text();
      expect(response.headers.get('x-pointsman-backend')).toBe(wanted);
    }
  });

  const unkept: readonly (readonly [limit: Record<string, unknown>, name: string])[] = [
    [{ max_latency_ms: 1 }, 'max_latency_ms'],
    [{ required_capabilities: ['vision'] }, 'required_capabilities'],
    [{ zone: 'cloud' }, 'zone'],
    [{ excluded_models: ['llama3.2:3b', 'gpt-oss:20b'] }, 'excluded_models'],
    [{ constraints: { max_cost_per_request: 0 } }, 'max_cost_per_request'],
  ];
  for (const [limit, name] of unkept) {
    test(`${name} that nobody keeps is answered with 422, its name, and what would fit without it`, async () => {
      const price = { inputPerMillion: 1, outputPerMillion: 2 };
      const given = await fleet({}, { box: ['llama3.2:3b', 'gpt-oss:20b'] }, { box: { price } });
      const { status, message, param } = await refusal(given, ask('auto', easy, limit));
      expect({ status, param }).toEqual({ status: 422, param: name });
      expect(message).toContain(`${name} leaves out`);
      expect(message).toContain("without it 'llama3.2:3b' on box, 'gpt-oss:20b' on box would fit");
      expect(given.script('box').calls).toHaveLength(0);
    });
  }

  test('hold for a model that is named, too', async () => {
    const given = await fleet();
    const { status, param } = await refusal(given, ask('llama3.2:3b', easy, { zone: 'cloud' }));
    expect({ status, param }).toEqual({ status: 422, param: 'zone' });
  });

  test('that do not exist or cannot be read are refused by name', async () => {
    const given = await fleet();
    const wrong: readonly (readonly [Record<string, unknown>, string])[] = [
      [{ constraints: { max_latency: 5 } }, 'constraints.max_latency'],
      [{ max_latency_ms: 'soon' }, 'max_latency_ms'],
      [{ min_reliability: 2 }, 'min_reliability'],
      [{ required_capabilities: ['magic'] }, 'required_capabilities'],
      [{ excluded_models: 'llama3.2:3b' }, 'excluded_models'],
      [{ zone: 'moon' }, 'zone'],
      [{ constraints: 5 }, 'constraints'],
    ];
    for (const [limit, name] of wrong) {
      const { status, param, message } = await refusal(given, ask('auto', easy, limit));
      expect({ status, param }).toEqual({ status: 400, param: name });
      expect(message).toContain(name);
    }
  });

  test('of a key cannot be widened by its requests', async () => {
    const key = {
      name: 'guest',
      key: 'guest-key-0123456789',
      constraints: { excludedModels: ['GPT-OSS:20b'] },
    };
    const given = await fleet({ auth: { keys: [key] } });
    const as = saying({ authorization: 'Bearer guest-key-0123456789' });
    expect(await sentTo(given, ask('auto', hard), as)).toBe('llama3.2:3b');
    expect(await sentTo(given, ask('auto', hard, { excluded_models: [] }), as)).toBe('llama3.2:3b');
    expect((await refusal(given, ask('gpt-oss:20b', hard), as)).status).toBe(422);
  });
});

describe('the decision on a request for auto', () => {
  test('holds the analysis, the choice and the runner-up, and no word of the prompt', async () => {
    const given = await fleet();
    await sentTo(given, ask('auto', hard));
    const response = await given.app.fetch(
      new Request('http://localhost:5010/api/v1/decisions/request-1', {
        headers: { host: 'localhost:5010' },
      }),
    );
    const text = await response.text();
    const { auto } = JSON.parse(text) as Decision;
    expect(auto).toMatchObject({
      group: 'auto',
      tiers: ['small', 'large'],
      wanted: 'large',
      chosen: { model: 'gpt-oss:20b', backend: 'box', tier: 'large' },
    });
    expect(auto?.analysis.complexity.value).toBeGreaterThan(0.7);
    expect(text).not.toContain('scenario');
  });

  test('metrics count by kind of work and tier', async () => {
    const given = await fleet();
    await sentTo(given, ask('auto', 'Write a Python function that adds two numbers'));
    const response = await given.app.fetch(
      new Request('http://localhost:5010/metrics', { headers: { host: 'localhost:5010' } }),
    );
    expect(await response.text()).toMatch(/pointsman_auto_requests_total\{task="code",tier="\w+"\} 1/);
  });
});

describe('a recorded decision on a request for auto', () => {
  test('is read back and planned anew with the same choice', async () => {
    const given = await fleet();
    await sentTo(given, ask('auto', hard));
    const response = await given.app.fetch(
      new Request('http://localhost:5010/api/v1/decisions/request-1', {
        headers: { host: 'localhost:5010' },
      }),
    );
    const recorded = readDecision((await response.json()) as Json);
    if (typeof recorded === 'string') throw new Error(recorded);
    expect(recorded.rounds[0]?.ask.auto?.wanted).toBe(1);
    const { requests } = replay([recorded], {
      strategy: 'priority',
      weights: {},
      requests: { policy: false, intentSuffixes: false },
      models: [],
      backends: [],
      limits: {},
    });
    expect(requests[0]?.other.why).toStartWith('auto: large (complexity');
  });
});
