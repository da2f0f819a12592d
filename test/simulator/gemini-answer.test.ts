import { describe, expect, test } from 'bun:test';
import type { Json, JsonObject } from '../../src/spec/json.ts';
import { type Answered, type Play, play } from './play.ts';

const box = (more: object = {}): Play => play({ kind: 'gemini', name: 'box', speedup: 1000, ...more });

const flash = '/v1beta/models/gemini-2.5-flash';
const pro = '/v1beta/models/gemini-3-pro-preview';
const embedder = '/v1beta/models/gemini-embedding-001';

const ask = (text: string, more: JsonObject = {}): JsonObject => ({
  contents: [{ role: 'user', parts: [{ text }] }],
  ...more,
});

const eventsOf = ({ text }: Answered): readonly JsonObject[] =>
  text
    .split('\r\n\r\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace(/^data: /, '')) as JsonObject);

const candidateOf = (chunk: JsonObject | undefined): JsonObject =>
  ((chunk?.candidates as JsonObject[] | undefined)?.[0] ?? {}) as JsonObject;

const partsOf = (chunk: JsonObject | undefined): readonly JsonObject[] =>
  ((candidateOf(chunk).content as JsonObject | undefined)?.parts ?? []) as readonly JsonObject[];

const weather = {
  functionDeclarations: [
    {
      name: 'get_weather',
      parameters: { type: 'OBJECT', properties: { city: { type: 'STRING' } }, required: ['city'] },
    },
  ],
};

const errorOf = (answer: Answered): JsonObject => (JSON.parse(answer.text) as { error: JsonObject }).error;

describe('Google’s answers', () => {
  test('come as events with carriage returns, counts in each, and the reason in the last', async () => {
    const answer = await box().ask(`${flash}:streamGenerateContent?alt=sse`, ask('hi in 6 words'));
    const chunks = eventsOf(answer);
    expect(answer.contentType).toBe('text/event-stream');
    expect(chunks.map((chunk) => partsOf(chunk)[0]?.text ?? '').join('')).toStartWith(
      'Simulated gemini-2.5-flash on box:',
    );
    expect(chunks.every(({ usageMetadata }) => usageMetadata !== undefined)).toBe(true);
    expect(chunks.slice(0, -1).every((chunk) => candidateOf(chunk).finishReason === undefined)).toBe(true);
    expect(candidateOf(chunks.at(-1)).finishReason).toBe('STOP');
    expect(answer.text).not.toContain('[DONE]');
  });

  test('come as one array to those who asked for no events', async () => {
    const answer = await box().ask(`${flash}:streamGenerateContent`, ask('hi in 6 words'));
    expect(answer.contentType).toStartWith('application/json');
    const chunks = JSON.parse(answer.text) as JsonObject[];
    expect(chunks.length).toBeGreaterThan(3);
    expect(candidateOf(chunks.at(-1)).finishReason).toBe('STOP');
  });

  test('say the same whole', async () => {
    const host = box();
    const chunks = eventsOf(await host.ask(`${flash}:streamGenerateContent?alt=sse`, ask('hi')));
    const whole = await host.json(`${flash}:generateContent`, ask('hi'));
    expect(partsOf(whole)[0]?.text).toBe(chunks.map((chunk) => partsOf(chunk)[0]?.text ?? '').join(''));
    expect(whole.modelVersion).toBe('gemini-2.5-flash');
  });

  test('count thoughts beside the answer, and show them only to those who ask', async () => {
    const host = box();
    const plain = await host.json(`${flash}:generateContent`, ask('hi'));
    const shown = await host.json(
      `${flash}:generateContent`,
      ask('hi', { generation_config: { thinking_config: { include_thoughts: true } } }),
    );
    const none = await host.json(
      `${flash}:generateContent`,
      ask('hi', { generationConfig: { thinkingConfig: { thinkingBudget: 0 } } }),
    );
    expect(partsOf(plain).some((part) => part.thought === true)).toBe(false);
    expect((plain.usageMetadata as JsonObject).thoughtsTokenCount).toBeGreaterThan(0);
    expect(partsOf(shown)[0]).toMatchObject({ thought: true });
    expect((none.usageMetadata as JsonObject).thoughtsTokenCount).toBeUndefined();
  });

  test('end at the limit, with nothing said where it was spent in thinking', async () => {
    const config = { generationConfig: { maxOutputTokens: 2 } };
    const answer = await box().json(`${flash}:generateContent`, ask('hi', config));
    expect(candidateOf(answer)).toMatchObject({ finishReason: 'MAX_TOKENS', content: { role: 'model' } });
    expect(partsOf(answer)).toEqual([]);
  });

  test('give calls whole, the first one signed, by name and in the newest generation by id', async () => {
    const host = box();
    const body = ask('use get_weather in parallel', { tools: [weather] });
    const older = await host.json(`${flash}:generateContent`, body);
    const newer = eventsOf(await host.ask(`${pro}:streamGenerateContent?alt=sse`, body)).flatMap(partsOf);
    expect(partsOf(older)).toHaveLength(2);
    expect(partsOf(older)[0]).toMatchObject({
      functionCall: { name: 'get_weather', args: { city: expect.any(String) } },
    });
    expect(partsOf(older).map(({ thoughtSignature }) => typeof thoughtSignature)).toEqual([
      'string',
      'undefined',
    ]);
    expect(partsOf(older)[0]?.functionCall).not.toHaveProperty('id');
    expect(newer.map((part) => typeof (part.functionCall as JsonObject).id)).toEqual(['string', 'string']);
    expect(candidateOf(older).finishReason).toBe('STOP');
  });

  test('are probabilities, JSON by a schema, and nothing for a prompt that is blocked', async () => {
    const host = box();
    const config = { responseLogprobs: true, logprobs: 2 };
    const probable = await host.json(`${flash}:generateContent`, ask('hi', { generationConfig: config }));
    const { chosenCandidates, topCandidates } = candidateOf(probable).logprobsResult as JsonObject;
    expect((chosenCandidates as JsonObject[])[0]).toMatchObject({ token: 'Simulated' });
    expect((topCandidates as JsonObject[])[0]?.candidates).toHaveLength(2);
    const responseSchema = { type: 'OBJECT', properties: { a: { type: 'INTEGER' } } };
    const json = await host.json(
      `${flash}:generateContent`,
      ask('hi', { generationConfig: { responseMimeType: 'application/json', responseSchema } }),
    );
    expect(JSON.parse(String(partsOf(json).at(-1)?.text))).toEqual({ a: expect.any(Number) });
    const blocked = await host.json(`${flash}:generateContent`, ask('block this prompt'));
    expect(blocked).toMatchObject({ promptFeedback: { blockReason: 'SAFETY' } });
    expect(blocked.candidates).toBeUndefined();
  });
});

describe('what Google refuses', () => {
  const call = (more: object = {}): Json => ({
    role: 'model',
    parts: [{ functionCall: { name: 'f', args: {} }, ...more }],
  });
  const result = (response: Json = { result: 1 }): Json => ({
    role: 'user',
    parts: [{ functionResponse: { name: 'f', response } }],
  });
  const hi: Json = { role: 'user', parts: [{ text: 'Hi' }] };
  const text = (role: string): Json => ({ role, parts: [{ text: 'Hi' }] });

  test.each<readonly [string, string, JsonObject, string]>([
    ['a member nobody knows', flash, ask('hi', { stream: true }), 'Unknown name "stream"'],
    ['one of the config', flash, ask('hi', { generationConfig: { minP: 1 } }), 'Unknown name "minP"'],
    ['no contents', flash, { contents: [] }, 'contents is not specified'],
    ['no parts', flash, { contents: [{ role: 'user', parts: [] }] }, 'must not be empty'],
    ['a part without data', flash, { contents: [{ parts: [{ thought: true }] }] }, 'oneof field'],
    ['a role of another dialect', flash, { contents: [text('assistant')] }, 'valid role'],
    ['a result of text', flash, { contents: [hi, call(), result('x')] }, 'protobuf.Struct'],
    ['a result without a call', flash, { contents: [hi, result()] }, 'immediately after a function call'],
    [
      'fewer results than calls',
      flash,
      {
        contents: [
          hi,
          { role: 'model', parts: [{ functionCall: { name: 'f' } }, { functionCall: { name: 'f' } }] },
          result(),
        ],
      },
      'number of function response parts',
    ],
    ['a call without its signature', pro, { contents: [hi, call(), result()] }, 'thought_signature'],
    [
      'a signature nobody made',
      flash,
      { contents: [hi, call({ thoughtSignature: 'eA==' }), result()] },
      'Corrupted thought signature',
    ],
    [
      'JSON Schema in its own notation',
      flash,
      ask('hi', {
        tools: [
          {
            functionDeclarations: [
              { name: 'f', parameters: { type: 'OBJECT', additionalProperties: false } },
            ],
          },
        ],
      }),
      'additionalProperties',
    ],
    [
      'a name that is none',
      flash,
      ask('hi', { tools: [{ functionDeclarations: [{ name: '1 f' }] }] }),
      'Invalid function name',
    ],
  ])('%s', async (_what, path, body, message) => {
    const answer = await box().ask(`${path}:generateContent`, body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 400, status: 'INVALID_ARGUMENT' });
    expect(errorOf(answer).message).toContain(message);
  });

  test('is not what its own documents allow in place of a signature', async () => {
    const contents = [hi, call({ thought_signature: 'skip_thought_signature_validator' }), result()];
    expect((await box().ask(`${pro}:generateContent`, { contents })).status).toBe(200);
  });

  test('a wrong key, in the header and in the query', async () => {
    const host = box();
    expect(errorOf(await host.ask(`${flash}:generateContent?key=wrong`, ask('hi')))).toMatchObject({
      code: 400,
      details: [{ reason: 'API_KEY_INVALID' }],
    });
    expect((await host.ask(`${flash}:generateContent?key=AIza-any`, ask('hi'))).status).toBe(200);
  });

  test('models it has not, and actions they have not', async () => {
    const host = box();
    for (const path of [
      '/v1beta/models/nobody:generateContent',
      `${embedder}:generateContent`,
      `${flash}:embedContent`,
    ]) {
      const answer = await host.ask(path, ask('hi'));
      expect([answer.status, errorOf(answer).status]).toEqual([404, 'NOT_FOUND']);
    }
  });
});

describe('what goes wrong at Google', () => {
  test.each([
    ['rate-429', 429, 'RESOURCE_EXHAUSTED'],
    ['busy-503', 503, 'UNAVAILABLE'],
    ['error-500', 500, 'INTERNAL'],
  ] as const)('%s', async (fault, status, word) => {
    const host = box({ faults: [{ fault, count: 1 }] });
    const answer = await host.ask(`${flash}:generateContent`, ask('hi'));
    expect([answer.status, errorOf(answer).status]).toEqual([status, word]);
    if (fault === 'rate-429') expect(answer.text).toContain('"retryDelay": "2s"');
    expect((await host.ask(`${flash}:generateContent`, ask('hi'))).status).toBe(200);
  });

  test('strikes one model alone', async () => {
    const host = box({ faults: [{ fault: 'busy-503', model: 'gemini-2.5-flash' }] });
    expect((await host.ask(`${pro}:generateContent`, ask('hi'))).status).toBe(200);
    expect((await host.ask(`${flash}:generateContent`, ask('hi'))).status).toBe(503);
  });

  test('a stream is cut without a word, or breaks off with bare JSON', async () => {
    const path = `${flash}:streamGenerateContent?alt=sse`;
    const cut = await box({ faults: [{ fault: 'cut-after', after: 3 }] }).ask(path, ask('hi in 30 words'));
    expect(eventsOf(cut).every((chunk) => candidateOf(chunk).finishReason === undefined)).toBe(true);
    const broken = await box({ faults: [{ fault: 'error-line-first' }] }).ask(path, ask('hi'));
    expect(errorOf(broken)).toMatchObject({ code: 500, status: 'INTERNAL' });
  });
});

describe('Google’s other actions', () => {
  test('count, embed and list', async () => {
    const host = box();
    const counted = await host.json(`${flash}:countTokens`, { generateContentRequest: ask('one two three') });
    expect(counted.totalTokens).toBeGreaterThan(2);
    const content = { parts: [{ text: 'a' }] };
    const one = await host.json(`${embedder}:embedContent`, { content, outputDimensionality: 8 });
    expect((one.embedding as { values: number[] }).values).toHaveLength(8);
    const model = 'models/gemini-embedding-001';
    const two = await host.json(`${embedder}:batchEmbedContents`, {
      requests: [
        { model, content },
        { model, content },
      ],
    });
    expect(two.embeddings).toHaveLength(2);
    const wrong = await host.ask(`${embedder}:batchEmbedContents`, {
      requests: [{ model: 'models/x', content }],
    });
    expect(wrong.status).toBe(400);
  });

  test('list their models page by page', async () => {
    const host = box();
    const names: unknown[] = [];
    let token: unknown = '';
    while (token !== undefined) {
      const page = await host.json(`/v1beta/models?pageSize=2&pageToken=${String(token)}`);
      names.push(...(page.models as JsonObject[]).map(({ name }) => name));
      token = page.nextPageToken;
    }
    expect(names).toEqual([
      'models/gemini-2.5-flash',
      'models/gemini-3-pro-preview',
      'models/gemini-embedding-001',
    ]);
    expect(await host.json('/v1beta/models/gemini-2.5-flash')).toMatchObject({ thinking: true });
  });
});
