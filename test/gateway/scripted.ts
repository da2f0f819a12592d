import { checkConfig } from '../../src/config/check-config.ts';
import type { Config } from '../../src/config/schema.ts';
import { type AppOptions, createApp, type PointsmanApp } from '../../src/http/app.ts';
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Json } from '../../src/spec/json.ts';
import type { FetchInit, FetchReply } from '../../src/spec/ports.ts';

/** One scripted engine: what it answers to an inference call, and what happened to each call. */
export interface Script {
  /** Called per POST of an inference path; may throw as a runtime's fetch does. */
  infer: (call: Call) => Promise<Response> | Response;
  /** Called per load of a model that was not in memory. */
  load: (call: Call) => Promise<Response> | Response;
  /** What it answers to any page that no engine has. */
  page?: () => Promise<Response> | Response;
  /** Whether its other pages answer. */
  alive: boolean;
  models: readonly string[];
  /** What its memory holds, where it tells. */
  loaded: readonly string[];
  readonly calls: Call[];
  /** Loads are no calls of a client. */
  readonly loads: Call[];
}

export interface Call {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly body: Json;
  readonly headers: Readonly<Record<string, string>>;
  /** A body that comes while it is sent. */
  readonly stream: ReadableStream<Uint8Array> | undefined;
  readonly signal: AbortSignal;
  /** Whether the router gave up the call or its body. */
  closed: boolean;
}

export interface Bench {
  readonly app: PointsmanApp;
  readonly clock: VirtualClock;
  readonly logs: string[];
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  script(host: string): Script;
}

const text = (bytes: Uint8Array | undefined): string => new TextDecoder().decode(bytes);

/** A stream whose chunks a test pushes by hand; knows when it was canceled. */
export const handStream = (call?: Call) => {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const body = new ReadableStream<Uint8Array>({
    start: (given) => {
      controller = given;
    },
    cancel: () => {
      if (call !== undefined) call.closed = true;
    },
  });
  return {
    body,
    push: (part: string | Uint8Array) =>
      controller?.enqueue(typeof part === 'string' ? new TextEncoder().encode(part) : part),
    close: () => controller?.close(),
    error: (reason: unknown) => controller?.error(reason),
  };
};

/** A complete stream of the given parts. */
export const streamOf = (...parts: readonly (string | Uint8Array)[]): ReadableStream<Uint8Array> => {
  const { body, push, close } = handStream();
  for (const part of parts) push(part);
  close();
  return body;
};

const refused = (): never => {
  throw Object.assign(new TypeError('fetch failed'), { code: 'ECONNREFUSED' });
};

const listing = (path: string, { models, alive, loaded }: Script): Response => {
  if (!alive) return refused();
  const known: Record<string, unknown> = {
    '/api/tags': { models: models.map((name) => ({ name, model: name })) },
    '/api/ps': { models: loaded.map((name) => ({ name, model: name })) },
    '/api/version': { version: '0.33.0' },
    '/health': { service: 'pointsman', version: '0.1.0' },
    '/v1/models': {
      object: 'list',
      data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'me' })),
    },
  };
  const found = known[path];
  return found === undefined ? new Response('not found', { status: 404 }) : Response.json(found);
};

const infers = new Set([
  '/api/chat',
  '/api/generate',
  '/api/embed',
  '/api/embeddings',
  '/v1/chat/completions',
  '/v1/messages',
  '/v1/completions',
  '/v1/embeddings',
  '/v1/audio/transcriptions',
  '/v1/audio/translations',
  '/v1/audio/speech',
  '/v1/images/generations',
  '/v1/moderations',
  '/v1/rerank',
]);

/** A request without a word in it, which is how a model is brought into memory. */
const loadsModel = ({ path, body }: Call): boolean => {
  const { prompt, input, keep_alive } = (body ?? {}) as Record<string, Json | undefined>;
  const isEmpty =
    path === '/api/generate' ? prompt === undefined : path === '/api/embed' && `${input}` === '';
  return isEmpty && keep_alive !== 0;
};

/** An application in front of scripted engines, under a clock that stands still and with dice that fall alike. */
export const bench = async (
  backends: Readonly<Record<string, { readonly kind: string } & Record<string, unknown>>>,
  config: Record<string, unknown> = {},
  random = (): number => 0.5,
  ids = (): string => 'request-1',
  more: Pick<AppOptions, 'writeFeedback'> = {},
): Promise<Bench> => {
  const clock = createVirtualClock();
  const scripts = new Map<string, Script>();
  const logs: string[] = [];
  const script = (host: string): Script => {
    const known = scripts.get(host) ?? {
      infer: () => Response.json({}),
      load: () => Response.json({ done: true, done_reason: 'load' }),
      alive: true,
      models: ['m:latest'],
      loaded: [],
      calls: [],
      loads: [],
    };
    scripts.set(host, known);
    return known;
  };
  const named = Object.fromEntries(
    Object.entries(backends).map(([id, backend]) => [id, { url: `http://${id}.internal:1`, ...backend }]),
  );
  const checked = checkConfig({ backends: named, ...config } as Parameters<typeof checkConfig>[0]);
  if ('problems' in checked) throw new Error(checked.problems.join('\n'));
  const fetch = async (
    url: string,
    init: Pick<FetchInit, 'headers' | 'body' | 'bodyStream' | 'signal'>,
  ): Promise<FetchReply> => {
    const { host, pathname } = new URL(url);
    const target = script(host.split('.')[0] ?? '');
    if (target.page !== undefined) return await target.page();
    if (!infers.has(pathname) && !/:(?:g|streamG)enerateContent$/.test(pathname)) {
      await Promise.resolve();
      return listing(pathname, target);
    }
    const call: Call = {
      path: pathname,
      bytes: init.body ?? new Uint8Array(0),
      body: init.body === undefined ? null : (JSON.parse(text(init.body)) as Json),
      headers: init.headers,
      stream: init.bodyStream,
      signal: init.signal,
      closed: false,
    };
    const isLoad = loadsModel(call);
    (isLoad ? target.loads : target.calls).push(call);
    const aborted = new Promise<never>((_, reject) =>
      init.signal.addEventListener('abort', () => {
        call.closed = true;
        reject(new DOMException('aborted', 'AbortError'));
      }),
    );
    aborted.catch(() => undefined);
    return await Promise.race([
      Promise.resolve().then(() => (isLoad ? target.load(call) : target.infer(call))),
      aborted,
    ]);
  };
  const app = createApp(checked.config as Config, {
    ports: { clock, random, ids, fetch },
    writeLog: (line) => logs.push(line),
    ...more,
  });
  for (const id of Object.keys(backends)) script(id);
  await app.gateway.discovery.settled();
  return {
    app,
    clock,
    logs,
    script,
    post: async (path, body, init = {}) =>
      await app.fetch(
        new Request(`http://localhost:5010${path}`, {
          method: 'POST',
          headers: { host: 'localhost:5010', 'content-type': 'application/json' },
          body: typeof body === 'string' ? body : JSON.stringify(body),
          ...init,
        }),
      ),
  };
};

/** Lines of Ollama's own dialect. */
export const ollamaLines = {
  text: (content: string) =>
    `${JSON.stringify({ model: 'm', created_at: 't', message: { role: 'assistant', content }, done: false })}\n`,
  done: `${JSON.stringify({ model: 'm', created_at: 't', message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop', prompt_eval_count: 3, eval_count: 2, eval_duration: 1_000_000 })}\n`,
  error: (error: string) => `${JSON.stringify({ error })}\n`,
};

/** Events of OpenAI's dialect. */
export const openaiEvents = {
  role: `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] })}\n\n`,
  text: (content: string) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`,
  finish: `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] })}\n\n`,
  done: 'data: [DONE]\n\n',
  error: (message: string) =>
    `data: ${JSON.stringify({ error: { message, type: 'server_error', code: 500 } })}\n\n`,
};

/** What a request says of itself besides its body. */
export const saying = (headers: Readonly<Record<string, string>>): RequestInit => ({
  headers: { host: 'localhost:5010', 'content-type': 'application/json', ...headers },
});

/** A complete answer of Ollama's, which is what most tests need of a host. */
export const answer = (): Response => new Response(streamOf(ollamaLines.text('hello'), ollamaLines.done));

/** Who served, once the whole answer was read. */
export const servedBy = async (response: Promise<Response>): Promise<string | null> => {
  const given = await response;
  await given.text();
  return given.headers.get('x-pointsman-backend');
};

/** A chat request that streams. */
export const chat = (model = 'm', more: Record<string, unknown> = {}) => ({
  model,
  stream: true,
  messages: [{ role: 'user', content: 'hi' }],
  ...more,
});
