/** An engine on bare sockets: its listings answer by themselves, what it does to a prompt the test decides byte by byte. */

import { createServer, type Server, type Socket } from 'node:net';
import { type RequestBytes, requestReader } from './request-reader.ts';

/** One prompt as it came, and the means to answer it. */
export interface Call {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bytes: Uint8Array;
  readonly body: Readonly<Record<string, unknown>>;
  /** Which request on its connection this is, from 1. */
  readonly nth: number;
  readonly socket: Socket;
  /** Settles when the connection is closed, with the time of it. */
  readonly closed: Promise<number>;
  readonly isClosed: () => boolean;
  /** Sends the head of an answer in chunks. */
  begin(type: string, status?: number): void;
  /** One chunk. */
  write(part: string | Uint8Array): void;
  /** The end of the chunks; the connection stays. */
  end(): void;
  /** The whole answer at once. */
  whole(body: unknown, status?: number, headers?: Readonly<Record<string, string>>): void;
  /** Breaks the connection with a reset, or closes it without a word. */
  cut(how: 'reset' | 'finish'): void;
}

export interface ScriptedEngine {
  readonly url: string;
  readonly port: number;
  /** Every prompt that came, in order. */
  readonly calls: readonly Call[];
  /** What it lists; may be changed. */
  models: readonly string[];
  /** What it does to prompts from now on; without it they wait for `next`. */
  answer(script: ((call: Call) => void) | undefined): void;
  /** The next prompt that was not yet taken. */
  next(): Promise<Call>;
  /** From now on it takes connections and says nothing, not even to who asks for its list. */
  fallSilent(): void;
  /** Ends every connection there is, and from now on each that comes. */
  turnAway(how: 'reset' | 'finish'): void;
  /** Stops listening and drops what is open. */
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly kind: 'ollama' | 'openai-compatible';
  readonly models: readonly string[];
  /** Takes over a prompt whose body has not come yet. */
  readonly onHead?: (socket: Socket) => void;
  /** Whether the bodies of answered prompts are let go, for prompts that are very large. */
  readonly forgets?: true;
  /** Added to each entry of its list. */
  readonly entry?: Readonly<Record<string, unknown>>;
  /** What an Ollama host says it holds in memory: all it has, so that a prompt is the only thing it is asked. */
  readonly loaded?: readonly string[];
  /** Where another was before; a free one where it is absent. */
  readonly port?: number;
  /** Another of this machine's addresses than the usual one. */
  readonly address?: string;
}

const listings = (
  { kind, entry = {}, loaded }: EngineOptions,
  models: readonly string[],
): Record<string, unknown> =>
  kind === 'ollama'
    ? {
        '/api/tags': { models: models.map((name) => ({ name, model: name, ...entry })) },
        '/api/ps': { models: (loaded ?? models).map((name) => ({ name, model: name })) },
        '/api/version': { version: '0.33.0' },
      }
    : {
        '/v1/models': {
          object: 'list',
          data: models.map((id) => ({ id, object: 'model', created: 1, owned_by: 'me', ...entry })),
        },
      };

const wholeText = (body: unknown, status: number, headers: Readonly<Record<string, string>>): Buffer => {
  const bytes =
    body instanceof Uint8Array ? body : Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  const fields = Object.entries({
    'content-type': 'application/json',
    ...headers,
    'content-length': bytes.length,
  });
  const head = `HTTP/1.1 ${status} Status\r\n${fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
};

const parseBody = (bytes: Buffer): Readonly<Record<string, unknown>> => {
  // Parsing tens of megabytes would only slow the clock of the test.
  if (bytes.length === 0 || bytes.length > 4_000_000) return {};
  return JSON.parse(bytes.toString()) as Record<string, unknown>;
};

const endSocket = (socket: Socket, how: 'reset' | 'finish'): void => {
  if (how === 'reset') socket.resetAndDestroy();
  else socket.destroy();
};

const callOf = (socket: Socket, request: RequestBytes, nth: number, closed: Promise<number>): Call => {
  return {
    path: request.path,
    headers: request.headers,
    bytes: request.bytes,
    body: parseBody(request.bytes),
    nth,
    socket,
    closed,
    isClosed: () => socket.destroyed,
    begin: (type, status = 200) => {
      socket.write(
        `HTTP/1.1 ${status} Status\r\ncontent-type: ${type}\r\ntransfer-encoding: chunked\r\n\r\n`,
      );
    },
    write: (part) => {
      const bytes = Buffer.from(part);
      socket.write(
        Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]),
      );
    },
    end: () => {
      socket.write('0\r\n\r\n');
    },
    whole: (body, status = 200, headers = {}) => {
      socket.write(wholeText(body, status, headers));
    },
    cut: (how) => endSocket(socket, how),
  };
};

/** Listens, on a free port unless one is given. */
export const startEngine = async (options: EngineOptions): Promise<ScriptedEngine> => {
  const sockets = new Set<Socket>();
  const calls: Call[] = [];
  const waiting: ((call: Call) => void)[] = [];
  let script: ((call: Call) => void) | undefined;
  let taken = 0;
  let isSilent = false;
  let turned: 'reset' | 'finish' | undefined;
  let { models } = options;
  const server: Server = createServer({ noDelay: true }, (socket) => {
    let nth = 0;
    socket.on('error', () => undefined);
    if (turned !== undefined) return endSocket(socket, turned);
    sockets.add(socket);
    const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now())));
    void closed.then(() => sockets.delete(socket));
    const read = requestReader(
      (request) => {
        nth += 1;
        if (isSilent) {
          if (request.method === 'POST') calls.push(callOf(socket, request, nth, closed));
          return;
        }
        if (request.method !== 'POST') {
          const known = listings(options, models)[request.path];
          socket.write(wholeText(known ?? { error: 'not found' }, known === undefined ? 404 : 200, {}));
          return;
        }
        const call = callOf(socket, request, nth, closed);
        calls.push(options.forgets === true ? { ...call, bytes: new Uint8Array(0) } : call);
        if (script !== undefined) {
          taken = calls.length;
          script(call);
          return;
        }
        const take = waiting.shift();
        if (take === undefined) return;
        taken += 1;
        take(call);
      },
      (method) => {
        if (method === 'POST') options.onHead?.(socket);
      },
    );
    socket.on('data', read);
  });
  await new Promise<void>((resolve) =>
    server.listen(options.port ?? 0, options.address ?? '127.0.0.1', 1024, resolve),
  );
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    calls,
    get models() {
      return models;
    },
    set models(next) {
      models = next;
    },
    answer: (next) => {
      script = next;
    },
    fallSilent: () => {
      isSilent = true;
    },
    turnAway: (how) => {
      turned = how;
      for (const socket of sockets) endSocket(socket, how);
    },
    next: () => {
      const ready = calls[taken];
      if (ready === undefined) return new Promise((resolve) => waiting.push(resolve));
      taken += 1;
      return Promise.resolve(ready);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
};
