import { describe, expect, test } from 'bun:test';
import { fingerprint } from '../../src/backends/fingerprint.ts';
import { type FakeReply, fakeEngine } from './fake-fetch.ts';

const base = 'http://127.0.0.1:4711';
const never = new AbortController().signal;
const look = (replies: Readonly<Record<string, FakeReply>>, url = base) => {
  const engine = fakeEngine(base, replies);
  return { found: fingerprint(url, engine.fetch, never), engine };
};

const list = (...data: readonly object[]): FakeReply => ({ json: { object: 'list', data } });

const ollama = {
  '/': { text: 'Ollama is running' },
  '/api/version': { json: { version: '0.33.0' } },
  '/api/tags': { json: { models: [] } },
  '/v1/models': list({ id: 'llama3.2', owned_by: 'library' }),
};

const dockerModelRunner = {
  '/': { text: 'Docker Model Runner is running' },
  '/engines/status': { json: { 'llama.cpp': 'Running: llama.cpp latest', vllm: 'Not Installed' } },
  '/api/version': { json: { version: '0.1.0' } },
  '/api/tags': { json: { models: [] } },
  '/version': { json: { version: 'v1.2.6' } },
  '/v1/models': list({ id: 'ai/smollm2', owned_by: 'docker' }),
  '/engines/v1/models': list({ id: 'ai/smollm2', owned_by: 'docker' }),
};

describe('an engine is known by what it answers', () => {
  test('an Ollama', async () => {
    expect(await look(ollama).found).toEqual({ kind: 'ollama', version: '0.33.0' });
  });

  test('an Ollama behind a proxy that shows a page of its own at the root', async () => {
    const replies = { ...ollama, '/': { text: '<html>hello</html>' } };
    expect(await look(replies).found).toMatchObject({ kind: 'ollama' });
  });

  test('a simulated Ollama says so', async () => {
    const said = { json: { version: '0.33.0', simulated: true } };
    expect(await look({ ...ollama, '/api/version': said }).found).toMatchObject({
      kind: 'ollama',
      simulated: true,
    });
  });

  test('a Docker Model Runner, though it answers as an Ollama too', async () => {
    expect(await look(dockerModelRunner).found).toEqual({ kind: 'docker-model-runner', version: 'v1.2.6' });
  });

  test('a Docker Model Runner of a version without a status', async () => {
    const replies: Record<string, FakeReply> = {
      ...dockerModelRunner,
      '/engines/status': { status: 404, text: 'not found' },
    };
    expect(await look(replies).found).toMatchObject({ kind: 'docker-model-runner' });
  });

  test('a Docker Model Runner under the address it hands out', async () => {
    const { found, engine } = look(dockerModelRunner, `${base}/engines/v1/`);
    expect(await found).toMatchObject({ kind: 'docker-model-runner' });
    expect(engine.sent[0]?.url).toBe(`${base}/health`);
  });

  test('a Pointsman, though it answers as everything else', async () => {
    const health = { service: 'pointsman', version: '0.1.0', backends: [] };
    const replies = { ...dockerModelRunner, ...ollama, '/health': { json: health } };
    expect(await look(replies).found).toEqual({ kind: 'peer', version: '0.1.0' });
    const degraded = { ...replies, '/health': { status: 503, json: health } };
    expect(await look(degraded).found).toMatchObject({ kind: 'peer' });
  });

  test('an LM Studio, though it answers 200 to any path', async () => {
    const found = look({
      '*': { json: { error: 'Unexpected endpoint or method. (GET /x). Returning 200 anyway' } },
      '/api/v0/models': list({ id: 'qwen', type: 'llm', state: 'not-loaded' }),
      '/v1/models': list({ id: 'qwen', owned_by: 'organization_owner' }),
    }).found;
    expect(await found).toEqual({ kind: 'openai-compatible', preset: 'lm-studio' });
  });

  test('an llama.cpp by its properties, with or without a model of that owner', async () => {
    const replies = {
      '/health': { json: { status: 'ok' } },
      '/v1/models': list({ id: 'm', owned_by: 'llamacpp' }),
      '/props': { json: { total_slots: 4, build_info: 'b10488' } },
    };
    expect(await look(replies).found).toEqual({
      kind: 'openai-compatible',
      preset: 'llama.cpp',
      version: 'b10488',
    });
    const guarded: Record<string, FakeReply> = { ...replies, '/props': { status: 401, text: '' } };
    expect(await look(guarded).found).toMatchObject({ preset: 'llama.cpp' });
  });

  test('an llama.cpp that still loads', async () => {
    const loading = { status: 503, json: { error: { code: 503, message: 'Loading model' } } };
    expect(await look({ '*': loading }).found).toEqual({ kind: 'openai-compatible', preset: 'llama.cpp' });
  });

  test('a vLLM', async () => {
    const replies = {
      '/health': { text: '' },
      '/v1/models': list({ id: 'org/m', owned_by: 'vllm', max_model_len: 4096 }),
      '/version': { json: { version: '0.11.0' } },
    };
    expect(await look(replies).found).toEqual({
      kind: 'openai-compatible',
      preset: 'vllm',
      version: '0.11.0',
    });
  });

  test('any other server with a model list', async () => {
    expect(await look({ '/v1/models': list({ id: 'm' }) }, `${base}/v1`).found).toEqual({
      kind: 'openai-compatible',
      preset: 'generic',
    });
  });
});

describe('what is no engine is not taken for one', () => {
  test('a closed port costs one question', async () => {
    const { found, engine } = look({ '*': 'refuse' });
    expect(await found).toBeUndefined();
    expect(engine.sent).toHaveLength(1);
  });

  const strangers: Readonly<Record<string, Readonly<Record<string, FakeReply>>>> = {
    'a web page for every path': { '*': { text: '<html><body>hello</body></html>' } },
    'an error with 200 for every path': { '*': { json: { error: 'Unexpected endpoint or method.' } } },
    'an empty object for every path': { '*': { json: {} } },
    'a list for every path': { '*': { json: [] } },
    'a health check that is well': { '/health': { json: { status: 'ok' } } },
    'a version without models': { '/api/version': { json: { version: '1' } } },
    'a server that wants a key': { '*': { status: 401, json: { error: 'unauthorized' } } },
  };
  for (const [what, replies] of Object.entries(strangers)) {
    test(what, async () => {
      expect(await look(replies).found).toBeUndefined();
    });
  }

  test('an address that never answers ends with its signal', async () => {
    const controller = new AbortController();
    const found = fingerprint(base, fakeEngine(base, { '*': 'hang' }).fetch, controller.signal);
    controller.abort();
    expect(await found).toBeUndefined();
  });
});
