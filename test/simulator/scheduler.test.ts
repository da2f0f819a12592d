import { describe, expect, test } from 'bun:test';
import { chat, parseLines, play } from './play.ts';

const gib = 1024 ** 3;

const small = ['a=1GiB', 'b=1GiB', 'c=1GiB', 'd=1GiB'];

const word = { options: { num_predict: 1 } };

const names = (body: { readonly models?: unknown }): string[] =>
  (body.models as { name: string }[]).map((model) => model.name);

describe('loading models', () => {
  test('a load takes as long as its bytes need, and no header is sent meanwhile', async () => {
    const { ask, host } = play({ kind: 'ollama', models: ['a=3GiB'] });
    const answer = await ask('/api/chat', chat('a', 'hi', { ...word }));
    expect(answer.headersAtMs).toBeCloseTo(3000 + 10 + 100, 5);
    expect(host.stats().loads).toBe(1);
    const done = parseLines(answer.text).at(-1);
    expect(done?.load_duration).toBe(3_000_000_000);
  });

  test('loads are serial, and a cold request behind a load waits for it', async () => {
    const { send, clock } = play({ kind: 'ollama', models: small });
    const first = send('/api/generate', { model: 'a' });
    const second = send('/api/generate', { model: 'b' });
    const third = send('/api/generate', { model: 'c' });
    expect((await clock.until(third)).atMs).toBe(3000);
    expect((await first).atMs).toBe(1000);
    expect((await second).atMs).toBe(2000);
  });

  test('a request for a loaded model passes by a load that is going on', async () => {
    const { ask, send, clock } = play({ kind: 'ollama', models: ['a=1GiB', 'big=10GiB'] });
    await ask('/api/generate', { model: 'a' });
    const cold = send('/api/generate', { model: 'big' });
    const warm = await ask('/api/chat', chat('a', 'hi', word));
    expect(warm.atMs).toBeCloseTo(1110, 5);
    expect((await clock.until(cold)).atMs).toBe(11_000);
  });

  test('several requests for one cold model cause one load', async () => {
    const { send, clock, host } = play({ kind: 'ollama', models: small });
    const all = [1, 2, 3].map(() => send('/api/chat', chat('a', 'hi', word)));
    await clock.until(Promise.all(all));
    expect(host.stats().loads).toBe(1);
  });

  test('a model that is loading is in no listing until it is there', async () => {
    const { send, json, clock, host } = play({ kind: 'ollama', models: small });
    const load = send('/api/generate', { model: 'a' });
    await clock.advance(500);
    expect(names(await json('/api/ps'))).toEqual([]);
    expect(host.stats().loading).toBe('a:latest');
    await clock.until(load);
    expect(names(await json('/api/ps'))).toEqual(['a:latest']);
  });

  test('when memory is full the idle model with the shortest stay goes first', async () => {
    const { ask, host } = play({ kind: 'ollama', models: small, vramBytes: 4 * gib, contextTokens: 512 });
    await ask('/api/generate', { model: 'a', keep_alive: '10m' });
    await ask('/api/generate', { model: 'b', keep_alive: '2m' });
    await ask('/api/generate', { model: 'c', keep_alive: '30m' });
    await ask('/api/generate', { model: 'd' });
    expect(host.stats().loaded).toEqual(['a:latest', 'c:latest', 'd:latest']);
    expect(host.stats().evictions).toBe(1);
  });

  test('when no model is idle a load waits until one is', async () => {
    const { ask, send, clock } = play({ kind: 'ollama', models: ['a=2GiB', 'b=2GiB'], vramBytes: 4 * gib });
    await ask('/api/generate', { model: 'a' });
    const busy = send('/api/chat', chat('a', 'write 50 words', { options: { num_predict: 50 } }));
    const waits = send('/api/generate', { model: 'b' });
    const answer = await clock.until(waits);
    const freeAtMs = (await busy).atMs;
    expect(freeAtMs).toBeGreaterThan(7000);
    expect(answer.atMs).toBeCloseTo(freeAtMs + 2000, 5);
  });

  test('more models than are allowed at once evict each other though memory is free', async () => {
    const { ask, host } = play({ kind: 'ollama', models: small, maxLoaded: 2 });
    for (const model of ['a', 'b', 'c']) await ask('/api/generate', { model });
    expect(host.stats().loaded).toEqual(['b:latest', 'c:latest']);
  });

  test('a different context reloads the model, and the same one does not', async () => {
    const { ask, json, host } = play({ kind: 'ollama', models: small });
    await ask('/api/chat', chat('a', 'hi', word));
    await ask('/api/chat', chat('a', 'hi', { options: { num_predict: 1, num_ctx: 8192 } }));
    expect(host.stats()).toMatchObject({ loads: 2, reloads: 1 });
    expect((await json('/api/ps')).models).toMatchObject([{ context_length: 8192 }]);
    await ask('/api/chat', chat('a', 'hi', { options: { num_predict: 1, num_ctx: 8192, temperature: 0 } }));
    expect(host.stats().reloads).toBe(1);
    await ask('/api/chat', chat('a', 'hi', { options: { num_ctx: 8192, num_batch: 64, num_predict: 1 } }));
    await ask(
      '/api/chat',
      chat('a', 'hi', { shift: false, options: { num_ctx: 8192, num_batch: 64, num_predict: 1 } }),
    );
    expect(host.stats().reloads).toBe(3);
  });

  test('a reload waits for the requests that still use the model', async () => {
    const { ask, send, clock } = play({ kind: 'ollama', models: small });
    await ask('/api/generate', { model: 'a' });
    const running = send('/api/chat', chat('a', 'write 40 words', { options: { num_predict: 40 } }));
    const reload = send('/api/chat', chat('a', 'hi', { options: { num_ctx: 2048, num_predict: 1 } }));
    const answer = await clock.until(reload);
    expect(answer.headersAtMs).toBeGreaterThanOrEqual((await running).atMs + 1000);
  });

  test('the queue before a load is bounded and says so in a 503 without Retry-After', async () => {
    const { send, ask, clock } = play({ kind: 'ollama', models: small, maxQueue: 1 });
    const waiting = [send('/api/generate', { model: 'a' }), send('/api/generate', { model: 'b' })];
    const refused = await ask('/api/generate', { model: 'c' });
    expect(refused.status).toBe(503);
    expect(JSON.parse(refused.text)).toEqual({
      error: 'server busy, please try again.  maximum pending requests exceeded',
    });
    await clock.until(Promise.all(waiting));
  });

  test('the queue of a loaded model has no bound', async () => {
    const { ask, send, clock, host } = play({ kind: 'ollama', models: small, maxQueue: 1 });
    await ask('/api/generate', { model: 'a' });
    const all = Array.from({ length: 600 }, () => send('/api/chat', chat('a', 'hi', word)));
    await clock.advance(0);
    expect(host.stats()).toMatchObject({ active: 1, queued: 599 });
    const statuses = (await clock.until(Promise.all(all))).map((answer) => answer.status);
    expect(new Set(statuses)).toEqual(new Set([200]));
  });

  test('as many requests run at once as there are slots, and each is slower for it', async () => {
    const rates = {
      prefillTokensPerSecond: 0,
      decodeTokensPerSecond: 10,
      sharing: 0.5,
      loadBytesPerSecond: 0,
    };
    const { send, clock, host } = play({ kind: 'ollama', models: small, slots: 2, rates });
    const ten = { options: { num_predict: 10 } };
    const pair = [1, 2].map((number) => send('/api/chat', chat('a', `${number} write 10 words`, ten)));
    await clock.advance(10);
    expect(host.stats().active).toBe(2);
    const [first] = await clock.until(Promise.all(pair));
    expect(first?.atMs).toBeGreaterThan(1400);
    expect(first?.atMs).toBeLessThanOrEqual(1500);
  });

  test('an embedding model has one slot whatever the host allows', async () => {
    const { send, clock, host } = play({ kind: 'ollama', models: ['nomic-embed-text'], slots: 4 });
    const all = [1, 2, 3].map(() => send('/api/embed', { model: 'nomic-embed-text', input: 'a b c d' }));
    await clock.advance(270);
    expect(host.stats()).toMatchObject({ active: 1, queued: 2 });
    await clock.until(Promise.all(all));
  });
});

describe('memory', () => {
  test('a model that does not fit beside the GPU is split, and slower', async () => {
    const { json, ask } = play({
      kind: 'ollama',
      models: ['a=6GiB'],
      vramBytes: 4 * gib,
      ramBytes: 16 * gib,
    });
    const answer = await ask('/api/chat', chat('a', 'hi', word));
    const [model] = (await json('/api/ps')).models as { size: number; size_vram: number }[];
    expect(model?.size_vram).toBe(4 * gib);
    expect(model?.size).toBeGreaterThan(6 * gib);
    expect(answer.headersAtMs - 6000).toBeGreaterThan(300);
  });

  test('a model on a host without GPU lies in main memory alone', async () => {
    const { ask, json } = play({ kind: 'ollama', models: small, profile: 'cpu' });
    await ask('/api/generate', { model: 'a' });
    expect((await json('/api/ps')).models).toMatchObject([{ size_vram: 0 }]);
  });

  test('the newer engine finds out within the load that memory is short, in several lines', async () => {
    const { ask, host } = play({ kind: 'ollama', models: ['huge=60GiB', 'a=1GiB'], ramBytes: 8 * gib });
    await ask('/api/generate', { model: 'a' });
    const answer = await ask('/api/chat', chat('huge', 'hi'));
    const { error } = JSON.parse(answer.text) as { error: string };
    expect(answer.status).toBe(500);
    expect(error).toStartWith('llama-server process has terminated: exit status 1: ');
    expect(error).toContain('cudaMalloc failed: out of memory\n');
    expect(answer.atMs).toBeGreaterThan(10_000);
    // Everybody else had to leave before it turned out to be in vain.
    expect(host.stats().loaded).toEqual([]);
  });

  test('the older engine asks for memory first', async () => {
    const { ask } = play({ kind: 'ollama', engine: 'old', models: ['huge=60GiB'], ramBytes: 8 * gib });
    const answer = await ask('/api/chat', chat('huge', 'hi'));
    expect(answer.status).toBe(500);
    expect(answer.atMs).toBe(0);
    expect((JSON.parse(answer.text) as { error: string }).error).toMatch(
      /^model requires more system memory \(6\d\.\d GiB\) than is available \(32\.0 GiB\)$/,
    );
  });

  test('layers demanded on a GPU that is too small are an error, and none at all is the processor', async () => {
    const { ask, json } = play({ kind: 'ollama', engine: 'old', models: ['a=6GiB'], vramBytes: 4 * gib });
    const demanded = await json('/api/generate', { model: 'a', options: { num_gpu: 99 } });
    expect(demanded.error).toBe('memory layout cannot be allocated with num_gpu = 99');
    await ask('/api/generate', { model: 'a', options: { num_gpu: 0 } });
    expect((await json('/api/ps')).models).toMatchObject([{ size_vram: 0 }]);
  });
});

describe('how long a model stays', () => {
  test('five minutes after its last request it is gone', async () => {
    const { ask, json, clock } = play({ kind: 'ollama', models: small });
    await ask('/api/generate', { model: 'a' });
    await clock.advance(200_000);
    const answer = await ask('/api/chat', chat('a', 'hi', word));
    await clock.advance(answer.atMs + 299_999 - clock.now());
    expect(names(await json('/api/ps'))).toEqual(['a:latest']);
    await clock.advance(2);
    expect(names(await json('/api/ps'))).toEqual([]);
  });

  test('a stay without end is listed centuries ahead', async () => {
    const { ask, json, clock } = play({ kind: 'ollama', models: small });
    await ask('/api/generate', { model: 'a', keep_alive: -1 });
    await clock.advance(86_400_000);
    const [model] = (await json('/api/ps')).models as { expires_at: string }[];
    expect(model?.expires_at).toStartWith('2318-');
  });

  test('an empty request loads and unloads, as one object even where a stream was asked for', async () => {
    const { ask, host } = play({ kind: 'ollama', models: small });
    const loaded = await ask('/api/chat', { model: 'a', messages: [], stream: true });
    expect(loaded.contentType).toBe('application/json; charset=utf-8');
    expect(JSON.parse(loaded.text)).toMatchObject({
      model: 'a',
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: 'load',
    });
    const unloaded = await ask('/api/generate', { model: 'a', prompt: '', keep_alive: 0 });
    expect(JSON.parse(unloaded.text)).toMatchObject({ response: '', done: true, done_reason: 'unload' });
    expect(host.stats().loaded).toEqual([]);
    expect((await ask('/api/generate', { model: 'a', keep_alive: '0s' })).status).toBe(200);
  });

  test('unloading a busy model answers at once and takes effect when the request ends', async () => {
    const { ask, send, clock, host } = play({ kind: 'ollama', models: small });
    await ask('/api/generate', { model: 'a' });
    const running = send('/api/chat', chat('a', 'write 30 words', { options: { num_predict: 30 } }));
    await clock.advance(1000);
    const before = clock.now();
    expect((await ask('/api/generate', { model: 'a', keep_alive: 0 })).atMs).toBe(before);
    expect(host.stats().loaded).toEqual(['a:latest']);
    expect((await clock.until(running)).status).toBe(200);
    expect(host.stats().loaded).toEqual([]);
  });
});

describe('a caller that leaves', () => {
  test('within the stream frees the slot at once', async () => {
    const { host, clock, ask, send } = play({ kind: 'ollama', models: small });
    await ask('/api/generate', { model: 'a' });
    const response = await clock.until(
      host.fetch(
        new Request('http://host/api/chat', {
          method: 'POST',
          body: JSON.stringify(chat('a', 'write 500 words')),
        }),
      ),
    );
    const next = send('/api/chat', chat('a', 'hi', word));
    await clock.advance(50);
    expect(host.stats()).toMatchObject({ active: 1, queued: 1 });
    await response.body?.cancel();
    await clock.advance(0);
    expect(host.stats()).toMatchObject({ active: 1, queued: 0, cancelled: 1 });
    await clock.until(next);
    expect(host.stats().active).toBe(0);
  });

  test('by its signal, before headers, is dropped from the slot it reads its prompt in', async () => {
    const { send, ask, clock, host } = play({ kind: 'ollama', models: small });
    await ask('/api/generate', { model: 'a' });
    const control = new AbortController();
    const answer = send('/api/chat', chat('a', 'word '.repeat(2000)), control.signal);
    await clock.advance(1000);
    expect(host.stats().active).toBe(1);
    control.abort();
    await expect(answer).rejects.toThrow(/abort/i);
    expect(host.stats()).toMatchObject({ active: 0, cancelled: 1 });
  });

  test('while it waits for a slot is never started', async () => {
    const { send, ask, clock, host } = play({ kind: 'ollama', models: small });
    await ask('/api/generate', { model: 'a' });
    const running = send('/api/chat', chat('a', 'write 30 words', { options: { num_predict: 30 } }));
    await clock.advance(0);
    const control = new AbortController();
    const waiting = send('/api/chat', chat('a', 'hi'), control.signal);
    await clock.advance(0);
    expect(host.stats().queued).toBe(1);
    control.abort();
    await expect(waiting).rejects.toThrow();
    expect(host.stats()).toMatchObject({ queued: 0, cancelled: 1 });
    await clock.until(running);
    expect(host.stats().finished).toBe(1);
  });

  test('aborts a load that only it waited for', async () => {
    const { send, clock, host } = play({ kind: 'ollama', models: small });
    const control = new AbortController();
    const alone = send('/api/chat', chat('a', 'hi'), control.signal);
    const behind = send('/api/generate', { model: 'b' });
    await clock.advance(400);
    control.abort();
    await expect(alone).rejects.toThrow();
    expect((await clock.until(behind)).atMs).toBe(1400);
    expect(host.stats()).toMatchObject({ loadsAborted: 1, loaded: ['b:latest'] });
  });

  test('leaves a load alone that others wait for', async () => {
    const { send, clock, host } = play({ kind: 'ollama', models: small });
    const control = new AbortController();
    const first = send('/api/chat', chat('a', 'hi'), control.signal);
    const second = send('/api/generate', { model: 'a' });
    await clock.advance(400);
    control.abort();
    await expect(first).rejects.toThrow();
    expect((await clock.until(second)).atMs).toBe(1000);
    expect(host.stats()).toMatchObject({ loadsAborted: 0, loads: 1 });
  });
});

describe('the memory of a slot', () => {
  const long = Array.from({ length: 300 }, (_, index) => `word${index}`).join(' ');

  test('a prompt that begins like the last one is read faster', async () => {
    const { ask, lines } = play({ kind: 'ollama', models: small });
    await ask('/api/generate', { model: 'a' });
    const first = (await lines('/api/chat', chat('a', long, word))).at(-1);
    const second = (await lines('/api/chat', chat('a', `${long} and more`, word))).at(-1);
    expect(first?.prompt_eval_duration).toBe(3_010_000_000);
    expect(second?.prompt_eval_duration).toBeLessThan(50_000_000);
    expect(second?.prompt_eval_count).toBe(303);
  });

  test('each slot remembers its own conversation', async () => {
    const { ask, lines } = play({ kind: 'ollama', models: small, slots: 2 });
    await ask('/api/generate', { model: 'a' });
    const other = long.replaceAll('word', 'thing');
    for (const text of [long, other]) await ask('/api/chat', chat('a', text, word));
    const again = (await lines('/api/chat', chat('a', other, word))).at(-1);
    expect(again?.prompt_eval_duration).toBeLessThan(50_000_000);
  });

  test('the older engine leaves out the count of a prompt it did not read', async () => {
    const { lines } = play({ kind: 'ollama', engine: 'old', models: small });
    await lines('/api/chat', chat('a', long, word));
    const again = (await lines('/api/chat', chat('a', long, word))).at(-1);
    expect(again).not.toHaveProperty('prompt_eval_count');
  });
});
