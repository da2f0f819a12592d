import { describe, expect, test } from 'bun:test';
import { type Bench, bench, chat, openaiEvents, saying, streamOf } from './scripted.ts';

const answered = (): Response =>
  new Response(streamOf(openaiEvents.text('hello'), openaiEvents.finish, openaiEvents.done));

const ollamaAnswer = (): Response =>
  Response.json({
    model: 'm',
    message: { role: 'assistant', content: 'hello' },
    done: true,
    done_reason: 'stop',
  });

/** Two hosts of which the first goes first wherever nothing else decides. */
const both = async (config: Record<string, unknown> = {}): Promise<Bench> => {
  const fleet = await bench({ near: { kind: 'ollama' }, far: { kind: 'openai-compatible' } }, config);
  fleet.script('near').infer = ollamaAnswer;
  fleet.script('far').infer = () =>
    Response.json({
      id: 'c',
      object: 'chat.completion',
      created: 1,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'hello' }, finish_reason: 'stop' }],
    });
  return fleet;
};

const ask = async (
  fleet: Bench,
  more: Record<string, unknown>,
  headers: Record<string, string> = {},
): Promise<Response> => {
  const response = await fleet.post(
    '/v1/chat/completions',
    chat('m', { stream: false, ...more }),
    saying(headers),
  );
  return new Response(await response.text(), response);
};

const served = async (fleet: Bench, more: Record<string, unknown>): Promise<readonly (string | null)[]> => {
  const all: (string | null)[] = [];
  for (let turn = 0; turn < 4; turn += 1)
    all.push((await ask(fleet, more)).headers.get('x-pointsman-backend'));
  return [...new Set(all)].sort();
};

describe('a request with a field that a dialect has no word for', () => {
  test('goes where nothing is lost', async () => {
    const fleet = await both({ strategy: 'round_robin' });
    expect(await served(fleet, {})).toEqual(['far', 'near']);
    expect(await served(fleet, { logit_bias: { 1: 5 } })).toEqual(['far']);
  });

  test('goes where it can be said, wherever it stands', async () => {
    const archive = {
      type: 'input_file',
      filename: 'a.zip',
      file_data: 'data:application/zip;base64,UEsDBA==',
    };
    for (const item of [
      [{ role: 'user', content: [archive] }],
      [
        { type: 'function_call', call_id: 'a', name: 'f', arguments: '{}' },
        { type: 'function_call_output', call_id: 'a', output: [archive] },
      ],
    ]) {
      const models = { m: {} };
      const fleet = await bench(
        {
          cloud: { kind: 'anthropic', models, priority: 1 },
          far: { kind: 'openai-compatible', models, priority: 2 },
        },
        { strategy: 'priority' },
      );
      fleet.script('far').infer = answered;
      const response = await fleet.post('/v1/responses', { model: 'm', stream: true, input: item });
      await response.text();
      expect(response.headers.get('x-pointsman-backend')).toBe('far');
      expect(fleet.script('cloud').calls).toHaveLength(0);
    }
  });

  test('goes anywhere where the field says nothing of the answer', async () => {
    const fleet = await both({ strategy: 'round_robin' });
    expect(await served(fleet, { user: 'me', metadata: { a: 'b' } })).toEqual(['far', 'near']);
  });

  test('goes where it is lost when no other is free, and is told so, in the decision too', async () => {
    const fleet = await both();
    fleet.script('far').alive = false;
    fleet.script('far').infer = () => Response.json({ error: { message: 'broken' } }, { status: 500 });
    const response = await ask(fleet, { logit_bias: { 1: 5 } });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-pointsman-backend')).toBe('near');
    expect(response.headers.get('x-pointsman-dropped')).toContain('logit_bias');
    const page = await fleet.app.fetch(
      new Request('http://localhost:5010/api/v1/decisions/request-1', saying({})),
    );
    const decision = (await page.json()) as {
      attempts: readonly object[];
      rounds: readonly { ask: object; ranked: readonly { backend: string; tiers: object }[] }[];
    };
    expect(decision.attempts.at(-1)).toMatchObject({
      backend: 'near',
      outcome: 'served',
      dropped: ['logit_bias'],
    });
    expect(decision.rounds[0]?.ask).toMatchObject({ losses: { ollama: { dropped: ['logit_bias'] } } });
    expect(decision.rounds[0]?.ranked).toMatchObject([
      { backend: 'far', tiers: { loss: 0 } },
      { backend: 'near', tiers: { loss: 1 } },
    ]);
  });

  test('does not go where it cannot be said at all', async () => {
    const fleet = await both({ strategy: 'round_robin' });
    const picture = {
      messages: [
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'https://x.example/a.png' } }] },
      ],
    };
    expect(await served(fleet, picture)).toEqual(['far']);
    const alone = await bench({ near: { kind: 'ollama' } });
    const response = await ask(alone, picture);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'messages[0].content[0].image_url.url' } });
    expect(alone.script('near').calls).toHaveLength(0);
  });
});

describe('a text to be filled in, or a prompt that is to stay as it is,', () => {
  const fill = { model: 'm', prompt: 'def f(', suffix: ')', stream: false, max_tokens: 9 };
  const raw = { model: 'm', prompt: '<s>Hi', raw: true, stream: false };

  test.each([
    ['/v1/completions', fill],
    ['/api/generate', fill],
    ['/api/generate', raw],
  ] as const)('goes where it can be completed, from %s', async (path, body) => {
    const models = { m: {} };
    const fleet = await bench(
      {
        cloud: { kind: 'anthropic', models, priority: 1 },
        other: { kind: 'gemini', models, priority: 2 },
        near: { kind: 'ollama', models, priority: 3 },
      },
      { strategy: 'priority' },
    );
    fleet.script('near').infer = ollamaAnswer;
    const response = await fleet.post(path, body);
    await response.text();
    expect(response.headers.get('x-pointsman-backend')).toBe('near');
    for (const host of ['cloud', 'other']) expect(fleet.script(host).calls).toHaveLength(0);
  });

  test.each([
    ['anthropic', '/v1/completions', fill, 400, 'leave out suffix'],
    ['gemini', '/v1/completions', fill, 422, 'leave out suffix'],
    ['anthropic', '/api/generate', raw, 422, 'leave out raw'],
    ['gemini', '/api/generate', raw, 422, 'leave out raw'],
  ] as const)('is refused by %s alone with what to do about it', async (kind, path, body, status, advice) => {
    const fleet = await bench({ cloud: { kind, models: { m: {} } } });
    const response = await fleet.post(path, body);
    expect(response.status).toBe(status);
    expect(await response.text()).toContain(advice);
    expect(fleet.script('cloud').calls).toHaveLength(0);
  });
});

describe('what is lost behind another Pointsman', () => {
  test('is told here, too, and what any other host says of it is not', async () => {
    for (const [kind, told] of [
      ['peer', 'seed, logit_bias'],
      ['openai-compatible', null],
    ] as const) {
      const fleet = await bench({ next: { kind } });
      fleet.script('next').infer = () =>
        new Response(streamOf(openaiEvents.text('hello'), openaiEvents.finish, openaiEvents.done), {
          headers: { 'x-pointsman-dropped': 'seed, logit_bias' },
        });
      const response = await ask(fleet, { stream: true });
      expect(response.headers.get('x-pointsman-dropped')).toBe(told);
    }
  });
});

describe('a strict request', () => {
  test('is refused with the fields it would lose, before anybody is asked', async () => {
    const fleet = await bench({ near: { kind: 'ollama' } });
    for (const [more, headers] of [
      [{ strict: true }, {}],
      [{}, { 'x-pointsman-strict': 'true' }],
    ] as const) {
      const response = await ask(fleet, { ...more, logit_bias: { 1: 5 }, user: 'me' }, headers);
      expect(response.status).toBe(422);
      const { error } = (await response.json()) as { error: { message: string; param: string } };
      expect(error.message).toContain('logit_bias, user');
      expect(error.param).toBe('logit_bias');
    }
    expect(fleet.script('near').calls).toHaveLength(0);
  });

  test('goes where nothing is lost, without the member that made it strict', async () => {
    const fleet = await both();
    for (let turn = 0; turn < 3; turn += 1) {
      const response = await ask(fleet, { strict: true, logit_bias: { 1: 5 } });
      expect(response.headers.get('x-pointsman-backend')).toBe('far');
      expect(fleet.script('far').calls.at(-1)?.body).not.toHaveProperty('strict');
      expect(fleet.script('far').calls.at(-1)?.body).toHaveProperty('logit_bias');
    }
  });

  test('is served anywhere where it loses nothing', async () => {
    const fleet = await bench({ near: { kind: 'ollama' } });
    fleet.script('near').infer = ollamaAnswer;
    const response = await ask(fleet, { strict: true });
    expect(response.status).toBe(200);
    expect(fleet.script('near').calls[0]?.body).not.toHaveProperty('strict');
  });

  test('must say so in a word that is understood', async () => {
    const fleet = await both();
    expect((await ask(fleet, { strict: 'yes' })).status).toBe(400);
    expect((await ask(fleet, {}, { 'x-pointsman-strict': 'maybe' })).status).toBe(400);
    expect((await ask(fleet, { strict: false }, { 'x-pointsman-strict': 'true' })).status).toBe(200);
  });

  test('waits for a host that loses nothing rather than being refused', async () => {
    const fleet = await both();
    fleet.script('far').infer = () =>
      Response.json({ error: { message: 'slow down' } }, { status: 429, headers: { 'retry-after': '30' } });
    await ask(fleet, { strict: true, logit_bias: { 1: 5 } });
    const response = await ask(fleet, { strict: true, logit_bias: { 1: 5 } });
    expect(response.status).toBe(503);
    expect(fleet.script('near').calls).toHaveLength(0);
  });
});

describe('a model that cannot', () => {
  const said = 'this model does not support tools';
  const tool = { name: 'f', description: 'does it', parameters: { type: 'object', properties: {} } };
  const schema = { name: tool.name, input_schema: tool.parameters };
  const words = [{ role: 'user', content: 'Hi' }];
  const declared = { functionDeclarations: [tool] };

  test.each([
    [
      '/v1/chat/completions',
      { model: 'm', messages: words, tools: [{ type: 'function', function: tool }] },
      { error: { message: said, type: 'invalid_request_error' } },
    ],
    [
      '/v1/responses',
      { model: 'm', input: 'Hi', tools: [{ type: 'function', ...tool }] },
      { error: { message: said } },
    ],
    [
      '/api/chat',
      { model: 'm', messages: words, tools: [{ type: 'function', function: tool }] },
      { error: said },
    ],
    [
      '/v1/messages',
      { model: 'm', max_tokens: 9, messages: words, tools: [schema] },
      { type: 'error', error: { type: 'invalid_request_error', message: said } },
    ],
    [
      '/v1beta/models/m:generateContent',
      { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], tools: [declared] },
      { error: { code: 400, message: said, status: 'INVALID_ARGUMENT' } },
    ],
  ])('is not asked by %s: this model does not support tools', async (path, body, error) => {
    const fleet = await bench({
      box: { kind: 'openai-compatible', models: { m: { capabilities: ['completion'] } } },
    });
    const response = await fleet.post(path, body);
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject(error);
    expect(fleet.script('box').calls).toHaveLength(0);
  });
});

describe('a model with quirks', () => {
  test('is asked as it takes it, in any dialect, and its answer passes as it is', async () => {
    const fleet = await bench(
      { box: { kind: 'openai-compatible', models: { m: {} } } },
      { models: { m: { quirks: ['no-system-role', 'alternating-roles'] } } },
    );
    fleet.script('box').infer = answered;
    const messages = [
      { role: 'system', content: 'be brief' },
      { role: 'user', content: 'a' },
      { role: 'user', content: 'b' },
    ];
    const passed = await fleet.post('/v1/chat/completions', chat('m', { messages, logit_bias: { 1: 5 } }));
    expect(await passed.text()).toContain('[DONE]');
    const translated = await fleet.post('/api/chat', chat('m', { messages }));
    await translated.text();
    for (const { body } of fleet.script('box').calls)
      expect(body).toMatchObject({
        messages: [{ role: 'user', content: 'be brief\n\na\n\nb' }],
        stream: true,
      });
    expect(fleet.script('box').calls[0]?.body).toHaveProperty('logit_bias');
  });

  test('of a provider hears of a limit by the name it knows', async () => {
    const fleet = await bench({ cloud: { kind: 'openai' } });
    fleet.script('cloud').infer = answered;
    await (await fleet.post('/api/chat', chat('m', { options: { num_predict: 7 } }))).text();
    const { body } = fleet.script('cloud').calls[0] ?? {};
    expect(body).toMatchObject({ max_completion_tokens: 7 });
    expect(body).not.toHaveProperty('max_tokens');
  });

  test('of a provider that refuses a wish is asked without it, and the client is told', async () => {
    const options = { temperature: 0.2, top_k: 40, seed: 7 };
    for (const [model, told, sent] of [
      ['gpt-4o', ['top_k'], { temperature: 0.2, seed: 7 }],
      ['o4-mini', ['top_k', 'temperature'], { seed: 7 }],
    ] as const) {
      const fleet = await bench({ cloud: { kind: 'openai', models: { [model]: {} } } });
      fleet.script('cloud').infer = answered;
      const response = await fleet.post('/api/chat', chat(model, { options }));
      await response.text();
      const { body } = fleet.script('cloud').calls[0] ?? {};
      expect(body).toMatchObject(sent);
      for (const name of told) expect(body).not.toHaveProperty(name);
      expect(response.headers.get('x-pointsman-dropped')?.split(', ').sort()).toEqual([...told].sort());
    }
  });
});
