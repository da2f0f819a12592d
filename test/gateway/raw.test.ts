import { describe, expect, test } from 'bun:test';
import { type Bench, bench, type Call, handStream, saying, streamOf } from './scripted.ts';

const models = {
  m: { capabilities: ['transcription', 'speech', 'image-generation', 'moderation', 'rerank'] },
};

const hosts = (more: Record<string, unknown> = {}): Promise<Bench> =>
  bench(
    {
      a: { kind: 'openai-compatible', priority: 1, models },
      b: { kind: 'openai-compatible', priority: 2, models },
    },
    { strategy: 'priority', ...more },
  );

const form = (...parts: readonly (readonly [disposition: string, value: string])[]): string =>
  `${parts.map(([disposition, value]) => `--XX\r\nContent-Disposition: form-data; ${disposition}\r\n\r\n${value}\r\n`).join('')}--XX--\r\n`;

const model = (name: string) => ['name="model"', name] as const;
const file = (content: string) => ['name="file"; filename="a.wav"', content] as const;

const postForm = ({ app }: Bench, body: BodyInit, more: RequestInit = {}): Promise<Response> =>
  Promise.resolve(
    app.fetch(
      new Request('http://localhost:5010/v1/audio/transcriptions', {
        method: 'POST',
        headers: { host: 'localhost:5010', 'content-type': 'multipart/form-data; boundary=XX' },
        body,
        ...more,
      }),
    ),
  );

const textOf = async (call: Call | undefined): Promise<string> =>
  call?.stream === undefined ? '' : await new Response(call.stream).text();

describe('a form that passes', () => {
  test('goes upstream as it comes, with the name of the model as the backend has it', async () => {
    const fleet = await hosts({ models: { whisper: { names: { a: 'm', b: 'm' } } } });
    const upload = handStream();
    const opened = Promise.withResolvers<Call>();
    fleet.script('a').infer = async (call) => {
      opened.resolve(call);
      return Response.json({ text: (await textOf(call)).length });
    };
    const answer = postForm(fleet, upload.body);
    const text = form(model('whisper'), file('sound'.repeat(200)));
    const cut = text.indexOf('sound') + 10;
    upload.push(text.slice(0, cut));
    // The host was called although most of the form has not come.
    const call = await opened.promise;
    upload.push(text.slice(cut));
    upload.close();
    const response = await answer;
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ text: text.length - 'whisper'.length + 'm:latest'.length });
    expect(call.headers['content-type']).toBe('multipart/form-data; boundary=XX');
    expect(response.headers.get('x-pointsman-backend')).toBe('a');
    expect(response.headers.get('x-pointsman-model')).toBe('m:latest');
  });

  test('is the same bytes but for the name, also where the model stands behind the file', async () => {
    const fleet = await hosts({ models: { whisper: { names: { a: 'm', b: 'm' } } } });
    let seen = '';
    fleet.script('a').infer = async (call) => {
      seen = await textOf(call);
      return Response.json({ text: 'hi' });
    };
    await postForm(fleet, form(file('\u0000sound\r\n--XY'), ['name="language"', 'en'], model('whisper')));
    expect(seen).toBe(form(file('\u0000sound\r\n--XY'), ['name="language"', 'en'], model('m:latest')));
  });

  test('goes whole to the next host where the first took nothing of it', async () => {
    const fleet = await hosts();
    fleet.script('a').infer = () => {
      throw Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' });
    };
    let seen = '';
    fleet.script('b').infer = async (call) => {
      seen = await textOf(call);
      return Response.json({ text: 'hi' });
    };
    const response = await postForm(fleet, form(model('m'), file('sound')));
    expect(response.headers.get('x-pointsman-backend')).toBe('b');
    expect(seen).toBe(form(model('m'), file('sound')));
  });

  test('keeps its type with every key', async () => {
    const apiKeys = ['key-one-secret', 'key-two-secret'];
    const fleet = await bench({ a: { kind: 'openai-compatible', models, apiKeys } });
    fleet.script('a').infer = async (call) => Response.json({ text: await textOf(call) });
    for (let turn = 0; turn < 2; turn += 1) await (await postForm(fleet, form(model('m'), file('s')))).text();
    const sent = fleet.script('a').calls.map(({ headers }) => headers);
    expect(new Set(sent.map((headers) => headers['content-type'])).size).toBe(1);
    expect(new Set(sent.map((headers) => headers.authorization)).size).toBe(2);
  });

  test('is not sent again once a host has taken some of it', async () => {
    const fleet = await hosts();
    fleet.script('a').infer = async (call) => {
      await textOf(call);
      return Response.json({ error: { message: 'broken', type: 'server_error' } }, { status: 500 });
    };
    const response = await postForm(fleet, form(model('m'), file('sound')));
    expect(response.status).toBe(502);
    expect(await response.json()).toMatchObject({ error: { type: 'api_error', code: 'upstream_error' } });
    expect(fleet.script('b').calls).toHaveLength(0);
  });

  test('must name a model, be a form, and be no longer than allowed', async () => {
    const fleet = await hosts({ http: { maxBodyBytes: 2000 } });
    fleet.script('a').infer = async (call) => Response.json({ text: await textOf(call) });
    const status = async (body: BodyInit, headers: Record<string, string> = {}): Promise<number> => {
      const response = await postForm(fleet, body, {
        headers: { host: 'localhost:5010', 'content-type': 'multipart/form-data; boundary=XX', ...headers },
      });
      expect(await response.json()).toHaveProperty('error.message');
      return response.status;
    };
    expect(await status(form(file('sound')))).toBe(400);
    expect(await status('no form at all')).toBe(400);
    expect(await status(form(model('m')), { 'content-type': 'multipart/form-data' })).toBe(400);
    expect(await status(form(model('m')), { 'content-type': 'text/plain' })).toBe(415);
    expect(await status(form(model('nobody-has-it')))).toBe(404);
    expect(await status(form(model('m'), file('x'.repeat(3000))), { 'content-length': '3100' })).toBe(413);
    expect(fleet.script('a').calls).toHaveLength(0);
    const long = form(model('m'), file('x'.repeat(3000)));
    expect(await status(streamOf(long.slice(0, 100), long.slice(100)))).toBe(413);
    expect(fleet.script('b').calls).toHaveLength(0);
  });

  test('ends upstream when its client leaves', async () => {
    const fleet = await hosts();
    const upload = handStream();
    const opened = Promise.withResolvers<Call>();
    fleet.script('a').infer = (call) => {
      opened.resolve(call);
      return new Promise(() => undefined);
    };
    const controller = new AbortController();
    const answer = postForm(fleet, upload.body, { signal: controller.signal });
    upload.push(form(model('m'), file('sound')).slice(0, 80));
    const call = await opened.promise;
    await fleet.clock.advance(100);
    controller.abort();
    await answer;
    expect(call.closed).toBe(true);
    expect(fleet.app.gateway.active.running()).toBe(0);
  });
});

describe('an answer that passes', () => {
  test('comes as it came, with its own type', async () => {
    const fleet = await hosts();
    const sound = handStream();
    fleet.script('a').infer = () =>
      new Response(sound.body, { headers: { 'content-type': 'audio/mpeg', 'set-cookie': 'a=b' } });
    const response = await fleet.post('/v1/audio/speech', { model: 'm', input: 'hi', voice: 'alloy' });
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(response.headers.get('set-cookie')).toBeNull();
    const reader = response.body?.getReader();
    sound.push(new Uint8Array([1, 255, 0]));
    expect((await reader?.read())?.value).toEqual(new Uint8Array([1, 255, 0]));
    sound.close();
    expect((await reader?.read())?.done).toBe(true);
    expect(fleet.script('a').calls[0]?.body).toEqual({ model: 'm', input: 'hi', voice: 'alloy' });
    expect(fleet.app.gateway.active.running()).toBe(0);
  });

  test('is closed upstream when its client leaves, and frees the slot', async () => {
    const fleet = await hosts();
    const state = { closed: false };
    const sound = handStream(state as Call);
    fleet.script('a').infer = () => new Response(sound.body);
    const response = await fleet.post('/v1/audio/speech', { model: 'm', input: 'hi' });
    await response.body?.cancel();
    expect(state.closed).toBe(true);
    expect(fleet.app.gateway.active.running()).toBe(0);
    expect(fleet.app.gateway.fleet.host('a')?.inflight).toBe(0);
  });

  test('that breaks off breaks off for the client', async () => {
    const fleet = await hosts();
    const sound = handStream();
    fleet.script('a').infer = () => new Response(sound.body);
    const response = await fleet.post('/v1/audio/speech', { model: 'm', input: 'hi' });
    const reader = response.body?.getReader();
    sound.push('RIFF');
    await reader?.read();
    sound.error(new Error('gone'));
    expect(reader?.read()).rejects.toThrow('the answer broke off');
  });

  test('of another host comes where the first fails', async () => {
    for (const path of ['/v1/images/generations', '/v1/moderations', '/v1/rerank']) {
      const fleet = await hosts();
      fleet.script('a').infer = () => Response.json({ error: { message: 'broken' } }, { status: 500 });
      fleet.script('b').infer = () => Response.json({ data: path });
      const response = await fleet.post(path, { model: 'm', input: 'hi' });
      expect(await response.json()).toEqual({ data: path });
      expect(response.headers.get('x-pointsman-backend')).toBe('b');
    }
  });
});

describe('the intent of what passes', () => {
  const lanes = (): Promise<Bench> =>
    bench(
      {
        a: { kind: 'openai-compatible', lane: 'gpu', models },
        b: { kind: 'openai-compatible', lane: 'cpu', models },
      },
      { strategy: 'hybrid_ollama_preferred', requests: { intentSuffixes: true } },
    );

  const answering = (fleet: Bench): string[] => {
    const seen: string[] = [];
    for (const id of ['a', 'b']) {
      fleet.script(id).infer = async (call) => {
        seen.push(call.stream === undefined ? JSON.stringify(call.body) : await textOf(call));
        return Response.json({ data: [] });
      };
    }
    return seen;
  };

  test('is read in the body and goes no further', async () => {
    const fleet = await lanes();
    const seen = answering(fleet);
    const plain = await fleet.post('/v1/rerank', { model: 'm', query: 'q' });
    expect(plain.headers.get('x-pointsman-backend')).toBe('a');
    for (const path of ['/v1/rerank', '/v1/images/generations', '/v1/audio/speech']) {
      const heavy = await fleet.post(path, { intent: 'heavy', model: 'm', query: 'q' });
      expect(heavy.headers.get('x-pointsman-backend')).toBe('b');
    }
    // Twice the same member: it cannot be cut out, and is left out all the same.
    await fleet.post('/v1/rerank', '{"intent":"fast","model":"m","query":"q","intent":"heavy"}');
    expect(new Set(seen)).toEqual(new Set(['{"model":"m","query":"q"}']));
  });

  test('that does not exist is refused with those that do', async () => {
    const fleet = await lanes();
    const seen = answering(fleet);
    const response = await fleet.post('/v1/rerank', { model: 'm', intent: 'slow' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('fast, heavy');
    expect(seen).toEqual([]);
  });

  test('of a form is told by a header or behind the name', async () => {
    const fleet = await lanes();
    const seen = answering(fleet);
    const ask = async (name: string, headers: Record<string, string> = {}): Promise<string | null> => {
      const response = await postForm(fleet, form(model(name), file('sound')), {
        headers: { host: 'localhost:5010', 'content-type': 'multipart/form-data; boundary=XX', ...headers },
      });
      return response.headers.get('x-pointsman-backend');
    };
    expect(await ask('m')).toBe('a');
    expect(await ask('m', { 'x-pointsman-intent': 'heavy' })).toBe('b');
    expect(await ask('m:heavy')).toBe('b');
    const forms = ['m', 'm', 'm:latest'].map((name) => form(model(name), file('sound')));
    expect(seen).toEqual(forms);
  });
});

describe('what passes goes to a backend that has it', () => {
  test('and a model that cannot do it is refused before anybody is asked', async () => {
    const fleet = await bench({
      a: { kind: 'openai-compatible', models: { m: { capabilities: ['completion'] } } },
      o: { kind: 'ollama' },
    });
    const response = await fleet.post('/v1/audio/speech', { model: 'm', input: 'hi' });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('speech');
    expect([...fleet.script('a').calls, ...fleet.script('o').calls]).toHaveLength(0);
  });

  test('and a chat does not go to a model that only hears', async () => {
    const fleet = await bench({
      a: { kind: 'openai-compatible', models: { m: { capabilities: ['transcription'] } } },
    });
    const response = await fleet.post('/v1/chat/completions', {
      model: 'm',
      messages: [{ role: 'user', content: 'hi' }],
    });
    expect(response.status).toBe(400);
    expect(fleet.script('a').calls).toHaveLength(0);
  });

  test('and a moderation without a model means the usual one', async () => {
    const fleet = await bench({
      a: { kind: 'openai', models: { 'omni-moderation-latest': {} } },
    });
    fleet.script('a').infer = (call) => Response.json(call.body);
    const response = await fleet.post('/v1/moderations', { input: 'hi' });
    expect(await response.json()).toEqual({ input: 'hi', model: 'omni-moderation-latest' });
  });

  test('with keys, refusals and names as everything else has them', async () => {
    const fleet = await hosts();
    expect((await fleet.post('/v1/rerank', { query: 'x' })).status).toBe(400);
    expect((await fleet.post('/v1/rerank', 'nonsense')).status).toBe(400);
    expect((await fleet.post('/v1/rerank', { model: 'absent' })).status).toBe(404);
    const browser = saying({ 'content-type': 'text/plain', origin: 'http://localhost:5010' });
    expect((await fleet.post('/v1/rerank', { model: 'm' }, browser)).status).toBe(415);
    const page = await fleet.app.fetch(new Request('http://localhost:5010/v1/rerank', saying({})));
    expect(page.status).toBe(405);
    expect(fleet.script('a').calls).toHaveLength(0);
  });
});
