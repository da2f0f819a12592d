import { afterEach, describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { fetchPlain } from '../../../adapters/bun-http/fetch-plain.ts';
import { replyReader } from '../../../src/backends/parts/reply-reader.ts';
import type { Abortable, ChunkReader, FetchInit, FetchReply } from '../../../src/spec/ports.ts';
import {
  type Arrival,
  chunk,
  chunkedHead,
  type RawUpstream,
  startRawUpstream,
  whole,
} from '../../runtimes/raw-upstream.ts';
import { startSilentHost } from '../../runtimes/silent-host.ts';
import { chunkSizes, rechunk } from '../../wire/rechunk.ts';

const upstreams: RawUpstream[] = [];

const listen = async (answer?: (arrival: Arrival) => void): Promise<RawUpstream> => {
  const upstream = await startRawUpstream(answer);
  upstreams.push(upstream);
  return upstream;
};

afterEach(() => {
  for (const upstream of upstreams.splice(0)) upstream.close();
});

const send = (url: string, init: Partial<FetchInit> = {}): Promise<FetchReply> =>
  fetchPlain(url, { method: 'POST', headers: {}, signal: new AbortController().signal, ...init });

const bytesOf = (text: string): Uint8Array => new Uint8Array(Buffer.from(text));

/** The next piece of a body as it was given; empty at its end. */
const pieceOf = async (reader: ChunkReader | null): Promise<Uint8Array> => {
  const read = await reader?.read();
  return read === undefined || read.done ? new Uint8Array(0) : read.value;
};

/** The body piece by piece. */
const piecesOf = async (reader: ChunkReader | null): Promise<readonly Uint8Array[]> => {
  const pieces: Uint8Array[] = [];
  for (;;) {
    const read = await reader?.read();
    if (read === undefined || read.done) return pieces;
    pieces.push(read.value);
  }
};

const textIn = async (reader: ChunkReader | null): Promise<string> =>
  Buffer.concat(await piecesOf(reader)).toString();

const textOf = async (reply: FetchReply): Promise<string> =>
  Buffer.from(await reply.arrayBuffer()).toString();

/** What a promise is rejected with; fails when it is not. */
const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => {
      throw new Error('was not rejected');
    },
    (error: unknown) => error,
  );

const codeOf = async (promise: Promise<unknown>): Promise<unknown> =>
  ((await failureOf(promise)) as { readonly code?: unknown }).code;

const answering = (text: string, how: 'stay' | 'finish' | 'reset' = 'stay') =>
  listen(({ socket }) => {
    if (how === 'stay') socket.write(text);
    else if (how === 'finish') socket.end(text);
    else socket.write(text, () => socket.resetAndDestroy());
  });

/** The events of the loop that are already due, so that what a peer did just now has arrived here. */
const settled = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve));
};

describe('a request', () => {
  test('carries method, path, headers and body as they are', async () => {
    const upstream = await answering(whole('fine'));
    const reply = await send(`${upstream.url}?a=%20b#part`, {
      headers: { 'x-key': 'caf\u00e9', accept: 'a/b' },
      body: bytesOf('{"a":1}'),
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toBe('text/plain');
    expect(reply.headers.get('x-none')).toBeNull();
    expect(await textOf(reply)).toBe('fine');
    const [{ head, body } = { head: '', body: '' }] = upstream.arrivals;
    const { host } = new URL(upstream.url);
    expect(head.split('\r\n')).toEqual([
      'POST /ask?a=%20b HTTP/1.1',
      `host: ${host}`,
      'connection: keep-alive',
      'accept-encoding: identity',
      'x-key: caf\u00e9',
      'accept: a/b',
      'content-length: 7',
    ]);
    expect(body).toBe('{"a":1}');
  });

  test('has a length only where it has a body or should have one', async () => {
    const upstream = await answering(whole(''));
    await send(upstream.url);
    await send(upstream.url, { method: 'GET' });
    await send(upstream.url, { method: 'DELETE' });
    const lengths = upstream.arrivals.map(({ head }) => /content-length.*/.exec(head)?.[0]);
    expect(lengths).toEqual(['content-length: 0', undefined, undefined]);
  });

  test('reaches names and both families of addresses', async () => {
    const serve = (hostname: string) => {
      const server = Bun.listen({
        hostname,
        port: 0,
        socket: { data: (socket) => void socket.write(whole(hostname)) },
      });
      return server;
    };
    const [four, six] = [serve('127.0.0.1'), serve('::1')];
    expect(await textOf(await send(`http://localhost:${four.port}`))).toBe('127.0.0.1');
    expect(await textOf(await send(`http://localhost:${six.port}/`))).toBe('::1');
    expect(await textOf(await send(`http://[::1]:${six.port}/`))).toBe('::1');
    four.stop(true);
    six.stop(true);
  });

  test('is refused before anything is sent when a header cannot be carried', async () => {
    const upstream = await answering(whole('fine'));
    expect(await failureOf(send(upstream.url, { headers: { x: 'a\r\nb: c' } }))).toBeInstanceOf(TypeError);
    expect(upstream.connections()).toBe(0);
  });

  test('with a large body arrives whole, also where the peer reads late', async () => {
    const body = new Uint8Array(20_000_000).map((_, index) => index * 31);
    let received = 0;
    const hash = new Bun.CryptoHasher('sha256');
    let headBytes = 0;
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        open(socket) {
          socket.pause();
          setImmediate(() => socket.resume());
        },
        data(socket, data) {
          if (headBytes === 0) headBytes = data.indexOf('\r\n\r\n') + 4;
          hash.update(received === 0 ? data.subarray(headBytes) : data);
          received += data.length;
          if (received === headBytes + body.length) socket.write(whole('got it'));
        },
      },
    });
    expect(await textOf(await send(`http://127.0.0.1:${server.port}/`, { body }))).toBe('got it');
    expect(hash.digest('hex')).toBe(new Bun.CryptoHasher('sha256').update(body).digest('hex'));
    server.stop(true);
  });
});

describe('an answer', () => {
  test.each([
    ['a length', whole('the body')],
    ['chunks', `${chunkedHead}${chunk('the ')}${chunk('body')}0\r\nx: y\r\n\r\n`],
    [
      'interim answers before it',
      `HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 100\r\n\r\n${whole('the body')}`,
    ],
  ])('with %s is the same however it arrives', async (_, text) => {
    await fc.assert(
      fc.asyncProperty(chunkSizes, fc.boolean(), async (sizes, asStream) => {
        const upstream = await startRawUpstream(async ({ socket }) => {
          // What is written in one turn of the loop may arrive as one.
          for (const piece of rechunk(bytesOf(text), sizes))
            if (piece.length > 0)
              await new Promise((resolve) => socket.write(piece, () => setImmediate(resolve)));
        });
        const reply = await send(upstream.url);
        const read = asStream ? textIn(replyReader(reply)) : textOf(reply);
        expect(await read).toBe('the body');
        upstream.close();
      }),
      { numRuns: 25 },
    );
  });

  test('without a length ends with its connection', async () => {
    const upstream = await answering('HTTP/1.1 200 OK\r\n\r\nall of it', 'finish');
    expect(await textOf(await send(upstream.url))).toBe('all of it');
    expect(await textIn(replyReader(await send(upstream.url)))).toBe('all of it');
  });

  test('to HEAD and with the status 204 has no body', async () => {
    const upstream = await listen(({ socket, head }) => {
      socket.write(
        head.startsWith('HEAD') ? 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n' : 'HTTP/1.1 204\r\n\r\n',
      );
    });
    expect(await textOf(await send(upstream.url, { method: 'HEAD' }))).toBe('');
    expect(await textIn(replyReader(await send(upstream.url, { method: 'DELETE' })))).toBe('');
    expect(upstream.connections()).toBe(1);
  });

  test('that is a redirect is not followed', async () => {
    const upstream = await answering('HTTP/1.1 307 T\r\nlocation: /other\r\ncontent-length: 0\r\n\r\n');
    expect((await send(upstream.url)).status).toBe(307);
    expect(upstream.arrivals).toHaveLength(1);
  });

  test('that is compressed is refused', async () => {
    const upstream = await answering(
      'HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n',
    );
    expect(await failureOf(send(upstream.url))).toBeInstanceOf(Error);
  });

  test.each([
    ['no HTTP', 'SSH-2.0-OpenSSH\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab'],
    [
      'a length and chunks',
      'HTTP/1.1 200 OK\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an encoding nobody knows', 'HTTP/1.1 200 OK\r\ntransfer-encoding: br\r\n\r\n'],
    ['a change of protocol', 'HTTP/1.1 101 Switching\r\nupgrade: x\r\n\r\n'],
  ])('that is %s is malformed, and its connection is closed', async (_, text) => {
    const upstream = await answering(text);
    expect(await codeOf(send(upstream.url))).toBe('Malformed_HTTP_Response');
    await upstream.arrivals[0]?.closed;
  });

  test('whose chunks break fails in its body', async () => {
    const upstream = await listen();
    const pending = send(upstream.url);
    const { socket, closed } = await upstream.next();
    socket.write(`${chunkedHead}${chunk('one')}`);
    const reader = replyReader(await pending);
    expect(Buffer.from(await pieceOf(reader)).toString()).toBe('one');
    const failure = codeOf(reader?.read() ?? Promise.resolve());
    socket.write('nonsense\r\n');
    expect(await failure).toBe('Malformed_HTTP_Response');
    await closed;
  });

  test('comes piece by piece, and each piece stays as it was', async () => {
    const upstream = await listen();
    const pending = send(upstream.url);
    const { socket } = await upstream.next();
    socket.write(chunkedHead);
    const reader = replyReader(await pending);
    const pieces: Uint8Array[] = [];
    for (const text of ['one', 'two', 'three']) {
      socket.write(chunk(text));
      pieces.push(await pieceOf(reader));
    }
    socket.write('0\r\n\r\n');
    expect((await reader?.read())?.done).toBe(true);
    expect(pieces.map((piece) => Buffer.from(piece).toString())).toEqual(['one', 'two', 'three']);
  });

  test('that nobody reads holds its sender back, and comes whole when it is read', async () => {
    const sizeBytes = 30_000_000;
    const upstream = await listen();
    const pending = send(upstream.url);
    const { socket } = await upstream.next();
    let isSent = false;
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${sizeBytes}\r\n\r\n`);
    socket.write(Buffer.alloc(sizeBytes, 'x'), () => {
      isSent = true;
    });
    const reply = await pending;
    for (let turn = 0; turn < 200; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    expect(isSent).toBe(false);
    expect(Buffer.concat(await piecesOf(replyReader(reply)))).toHaveLength(sizeBytes);
    expect(isSent).toBe(true);
    const again = send(upstream.url);
    (await upstream.next()).socket.write(whole('next'));
    expect(await textOf(await again)).toBe('next');
    expect(upstream.connections()).toBe(1);
  });

  test('that was held back and then ended with its connection is whole', async () => {
    const upstream = await listen(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      socket.end(Buffer.alloc(1_000_000, 'x'));
    });
    const reply = await send(upstream.url);
    expect((await reply.arrayBuffer()).byteLength).toBe(1_000_000);
  });
});

describe('a connection', () => {
  test('is used again after answers of every certain framing', async () => {
    let nth = 0;
    const upstream = await listen(({ socket }) => {
      nth += 1;
      socket.write(nth % 2 === 0 ? whole('even') : `${chunkedHead}${chunk('odd')}0\r\n\r\n`);
    });
    for (const text of ['odd', 'even', 'odd', 'even'])
      expect(await textOf(await send(upstream.url))).toBe(text);
    expect(upstream.connections()).toBe(1);
  });

  test('carries one request at a time, and the latest used comes first', async () => {
    const upstream = await listen();
    const pending = [send(upstream.url), send(upstream.url)];
    const first = await upstream.next();
    const second = await upstream.next();
    expect(upstream.connections()).toBe(2);
    first.socket.write(whole('a'));
    await Promise.race(pending);
    second.socket.write(whole('b'));
    await Promise.all(pending);
    const third = send(upstream.url);
    const arrival = await upstream.next();
    expect(arrival.socket).toBe(second.socket);
    arrival.socket.write(whole('c'));
    await third;
  });

  test.each([
    ['its server says so', 'HTTP/1.1 200 OK\r\nconnection: Close\r\ncontent-length: 1\r\n\r\na'],
    ['its server speaks HTTP/1.0', 'HTTP/1.0 200 OK\r\ncontent-length: 1\r\n\r\na'],
    ['more came than was asked for', 'HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nab'],
    ['more came than the chunks hold', `${chunkedHead}${chunk('a')}0\r\n\r\nb`],
  ])('is closed after an answer when %s', async (_, text) => {
    const upstream = await answering(text);
    expect(await textOf(await send(upstream.url))).toBe('a');
    await upstream.arrivals[0]?.closed;
    await send(upstream.url);
    expect(upstream.connections()).toBe(2);
  });

  test('of HTTP/1.0 is used again where its server offers that', async () => {
    const upstream = await answering(
      'HTTP/1.0 200 OK\r\nconnection: Keep-Alive\r\ncontent-length: 1\r\n\r\na',
    );
    await send(upstream.url);
    await send(upstream.url);
    expect(upstream.connections()).toBe(1);
  });

  test('that its server closed in between is not used', async () => {
    const upstream = await answering(whole('fine'));
    await send(upstream.url);
    upstream.arrivals[0]?.socket.end();
    await upstream.arrivals[0]?.closed;
    await send(upstream.url);
    expect(upstream.arrivals).toHaveLength(2);
    expect(upstream.connections()).toBe(2);
  });

  test('on which its server speaks unasked is closed', async () => {
    const upstream = await answering(whole('fine'));
    await send(upstream.url);
    upstream.arrivals[0]?.socket.write(whole('not asked for'));
    await upstream.arrivals[0]?.closed;
    expect(await textOf(await send(upstream.url))).toBe('fine');
  });

  test('that was answered before all of the request was sent is closed', async () => {
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        data(socket) {
          socket.pause();
          socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig');
        },
        close: () => closed.resolve('closed'),
      },
    });
    const closed = Promise.withResolvers<string>();
    const reply = await send(`http://127.0.0.1:${server.port}/`, { body: new Uint8Array(30_000_000) });
    expect(reply.status).toBe(413);
    expect(await textOf(reply)).toBe('big');
    server.stop(true);
    expect(await closed.promise).toBe('closed');
  });

  test('that ends on a POST after it was used before does not repeat it', async () => {
    const upstream = await listen(({ socket, nth }) => {
      if (nth === 1) socket.write(whole('fine'));
      else socket.destroy();
    });
    await send(upstream.url, { body: bytesOf('one') });
    expect(await codeOf(send(upstream.url, { body: bytesOf('two') }))).toBe('ECONNRESET');
    expect(upstream.arrivals.map(({ body }) => body)).toEqual(['one', 'two']);
  });

  test('does not keep the process when it is idle', async () => {
    const upstream = await answering(whole('fine'));
    const module = new URL('../../../adapters/bun-http/fetch-plain.ts', import.meta.url).pathname;
    const program = `
      const { fetchPlain } = await import(${JSON.stringify(module)});
      const signal = new AbortController().signal;
      await fetchPlain(${JSON.stringify(upstream.url)}, { method: 'GET', headers: {}, signal });
      process.on('exit', () => console.log(Math.round(performance.now() - begunAt)));
      const begunAt = performance.now();`;
    const child = Bun.spawn([process.execPath, '-e', program], { stdout: 'pipe' });
    expect(Number(await new Response(child.stdout).text())).toBeLessThan(1000);
    expect(await child.exited).toBe(0);
  });
});

describe('a failure', () => {
  test('to connect has the code of it', async () => {
    const closed = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } });
    closed.stop(true);
    expect(await codeOf(send(`http://127.0.0.1:${closed.port}/`))).toBe('ECONNREFUSED');
    expect(await codeOf(send('http://name.invalid/'))).toBe('ENOTFOUND');
    expect(await codeOf(send('http://127.0.0.1:99999/'))).toBe('ERR_INVALID_URL');
  });

  test.each([
    ['a close before the headers', '', 'finish'],
    ['a reset before the headers', '', 'reset'],
    ['a close inside the headers', 'HTTP/1.1 200 OK\r\nconte', 'finish'],
  ] as const)('is %s', async (_, text, how) => {
    const upstream = await answering(text, how);
    expect(await codeOf(send(upstream.url))).toBe('ECONNRESET');
  });

  test.each([
    ['a close before the length is reached', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nabc', 'finish'],
    ['a close before the last chunk', `${chunkedHead}${chunk('abc')}`, 'finish'],
    ['a reset of what has no length', 'HTTP/1.1 200 OK\r\n\r\nabc', 'reset'],
  ] as const)('is %s, behind what came, and never a good end', async (_, text, how) => {
    const streamed = await listen();
    const pending = send(streamed.url);
    const { socket } = await streamed.next();
    socket.write(text);
    const reader = replyReader(await pending);
    expect(Buffer.from(await pieceOf(reader)).toString()).toBe('abc');
    if (how === 'finish') socket.end();
    else socket.resetAndDestroy();
    expect(await codeOf(reader?.read() ?? Promise.resolve())).toBe('ECONNRESET');

    const read = await listen();
    const other = send(read.url);
    const arrival = await read.next();
    arrival.socket.write(text);
    const code = codeOf((await other).arrayBuffer());
    if (how === 'finish') arrival.socket.end();
    else arrival.socket.resetAndDestroy();
    expect(await code).toBe('ECONNRESET');
  });
});

describe('an abort', () => {
  const reason = new Error('the caller left');

  test('before the request sends nothing', async () => {
    const upstream = await answering(whole('fine'));
    expect(await failureOf(send(upstream.url, { signal: AbortSignal.abort(reason) }))).toBe(reason);
    expect(upstream.connections()).toBe(0);
  });

  test('while the connection is being opened gives it up', async () => {
    const host = await startSilentHost('m');
    await host.freeze();
    const before = host.waitedForBy(process.pid);
    const controller = new AbortController();
    const failure = failureOf(send(host.url, { signal: controller.signal }));
    await settled(() => host.waitedForBy(process.pid) > before);
    controller.abort(reason);
    expect(await failure).toBe(reason);
    await settled(() => host.waitedForBy(process.pid) === before);
    await host.close();
  });

  test('at once after the request opens no connection that carries anything', async () => {
    const upstream = await answering(whole('fine'));
    const controller = new AbortController();
    const failure = failureOf(send(upstream.url, { signal: controller.signal }));
    controller.abort(reason);
    expect(await failure).toBe(reason);
    expect(await textOf(await send(upstream.url))).toBe('fine');
    expect(upstream.arrivals).toHaveLength(1);
  });

  test('needs no signal: what may be aborted is told how, as long as there is something to abort', async () => {
    const upstream = await listen();
    const abortable: Abortable = { onAbort: undefined };
    const init = { method: 'GET', headers: {}, abortable } as const;
    const failure = failureOf(fetchPlain(upstream.url, init));
    const { closed } = await upstream.next();
    abortable.onAbort?.();
    expect(await failure).toBeInstanceOf(DOMException);
    await closed;

    const answered = fetchPlain(upstream.url, init);
    (await upstream.next()).socket.write(whole('fine'));
    expect(await textOf(await answered)).toBe('fine');
    expect(abortable.onAbort).toBeUndefined();
  });

  test('while the body is being sent ends the connection', async () => {
    const opened = Promise.withResolvers<void>();
    const closed = Promise.withResolvers<string>();
    const server = Bun.listen({
      hostname: '127.0.0.1',
      port: 0,
      socket: {
        data(socket) {
          socket.pause();
          opened.resolve();
          // A paused socket hears of a reset only.
        },
        close: () => closed.resolve('closed'),
      },
    });
    const controller = new AbortController();
    const body = new Uint8Array(50_000_000);
    const failure = failureOf(send(`http://127.0.0.1:${server.port}/`, { body, signal: controller.signal }));
    await opened.promise;
    controller.abort(reason);
    expect(await failure).toBe(reason);
    expect(await closed.promise).toBe('closed');
    server.stop(true);
  });

  test('before the headers ends the connection', async () => {
    const upstream = await listen();
    const controller = new AbortController();
    const failure = failureOf(send(upstream.url, { signal: controller.signal }));
    const { closed } = await upstream.next();
    const abortedAt = performance.now();
    controller.abort(reason);
    expect(await failure).toBe(reason);
    expect((await closed) - abortedAt).toBeLessThan(100);
  });

  test.each(['stream', 'whole', 'nobody'] as const)(
    'inside the body ends the connection: read by %s',
    async (how) => {
      const upstream = await listen();
      const controller = new AbortController();
      const pending = send(upstream.url, { signal: controller.signal });
      const { socket, closed } = await upstream.next();
      socket.write(`${chunkedHead}${chunk('one')}`);
      const reply = await pending;
      const reader = how === 'stream' ? replyReader(reply) : undefined;
      await reader?.read();
      const early = how === 'whole' ? failureOf(reply.arrayBuffer()) : undefined;
      const late = reader == null ? undefined : failureOf(reader.read());
      controller.abort(reason);
      if (early !== undefined) expect(await early).toBe(reason);
      if (late !== undefined) expect(await late).toBe(reason);
      if (how === 'nobody')
        expect(await failureOf(replyReader(reply)?.read() ?? Promise.resolve())).toBe(reason);
      await closed;
    },
  );

  test('after the answer is complete changes nothing', async () => {
    const upstream = await answering(whole('fine'));
    const controller = new AbortController();
    const reply = await send(upstream.url, { signal: controller.signal });
    controller.abort(reason);
    expect(await textOf(reply)).toBe('fine');
    expect(await textOf(await send(upstream.url))).toBe('fine');
    expect(upstream.connections()).toBe(1);
  });

  test('is what a cancelled body is to its host', async () => {
    const upstream = await listen();
    const pending = send(upstream.url);
    const { socket, closed } = await upstream.next();
    socket.write(`${chunkedHead}${chunk('one')}`);
    await replyReader(await pending)?.cancel();
    await closed;
  });

  test('leaves no listener behind on a signal that outlives its requests', async () => {
    const upstream = await answering(whole('fine'));
    const { signal } = new AbortController();
    let listeners = 0;
    const counted = new Proxy(signal, {
      get(target, name) {
        if (name === 'addEventListener') listeners += 1;
        if (name === 'removeEventListener') listeners -= 1;
        const value: unknown = Reflect.get(target, name, target);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    await textOf(await send(upstream.url, { signal: counted }));
    await textOf(await send(upstream.url, { signal: counted }));
    expect(listeners).toBe(0);
  });
});
