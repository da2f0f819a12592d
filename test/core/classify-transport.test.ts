import { describe, expect, test } from 'bun:test';
import { createServer, type Server } from 'node:net';
import { classifyTransport } from '../../src/core/outcome.ts';

const wrapped = (message: string, cause?: Record<string, unknown>): Error =>
  Object.assign(
    new TypeError(message),
    cause === undefined ? {} : { cause: Object.assign(new Error(), cause) },
  );
const coded = (code: string, message = code): Error => Object.assign(new TypeError(message), { code });
const deno = (message: string): Error => wrapped('fetch failed', { message });

type Row = readonly [
  what: string,
  error: unknown,
  outcome: 'network' | 'timeout',
  reached: boolean,
  text: string,
];

const rows: readonly Row[] = [
  ['Bun, refused', coded('ECONNREFUSED'), 'network', false, 'connection refused'],
  ['Bun, no such name', coded('ENOTFOUND'), 'network', false, 'name not resolved'],
  ['Bun, reset', coded('ECONNRESET'), 'network', true, 'connection reset'],
  ['Bun, not HTTP', coded('Malformed_HTTP_Response'), 'network', true, 'not HTTP'],
  ['Bun, TLS to a plain port', coded('EPROTO'), 'network', true, 'TLS failed'],
  ['Bun, bad URL', coded('ERR_INVALID_URL'), 'network', false, 'network error'],
  [
    'Node, refused',
    wrapped('fetch failed', { code: 'ECONNREFUSED', syscall: 'connect' }),
    'network',
    false,
    'connection refused',
  ],
  [
    'Node, no such name',
    wrapped('fetch failed', { code: 'ENOTFOUND' }),
    'network',
    false,
    'name not resolved',
  ],
  ['Node, no route', wrapped('fetch failed', { code: 'EHOSTUNREACH' }), 'network', false, 'unreachable'],
  [
    'Node, reset',
    wrapped('fetch failed', { code: 'ECONNRESET', syscall: 'read' }),
    'network',
    true,
    'connection reset',
  ],
  [
    'Node, reset while connecting',
    wrapped('fetch failed', { code: 'ECONNRESET', syscall: 'connect' }),
    'network',
    false,
    'connection reset',
  ],
  [
    'Node, closed before headers',
    wrapped('fetch failed', { code: 'UND_ERR_SOCKET', message: 'other side closed' }),
    'network',
    true,
    'closed before headers',
  ],
  [
    'Node, closed in the body',
    wrapped('terminated', { code: 'UND_ERR_SOCKET', message: 'other side closed' }),
    'network',
    true,
    'connection reset',
  ],
  ['Node, not HTTP', wrapped('fetch failed', { code: 'HPE_INVALID_CONSTANT' }), 'network', true, 'not HTTP'],
  [
    'Node, no certificate',
    wrapped('fetch failed', { code: 'CERT_HAS_EXPIRED' }),
    'network',
    false,
    'TLS failed',
  ],
  [
    'Node, TLS to a plain port',
    wrapped('fetch failed', { code: 'ERR_SSL_WRONG_VERSION_NUMBER' }),
    'network',
    true,
    'TLS failed',
  ],
  [
    'Node, connecting took too long',
    wrapped('fetch failed', { code: 'UND_ERR_CONNECT_TIMEOUT' }),
    'network',
    false,
    'timed out',
  ],
  [
    'Node, the kernel gave up while connecting',
    wrapped('fetch failed', { code: 'ETIMEDOUT', syscall: 'connect' }),
    'network',
    false,
    'timed out',
  ],
  [
    'Node, the kernel gave up later',
    wrapped('terminated', { code: 'ETIMEDOUT' }),
    'network',
    true,
    'timed out',
  ],
  [
    'Node, headers',
    wrapped('fetch failed', { code: 'UND_ERR_HEADERS_TIMEOUT' }),
    'timeout',
    true,
    'timed out',
  ],
  ['Node, blocked port', wrapped('fetch failed', { message: 'bad port' }), 'network', false, 'network error'],
  [
    'Deno, refused',
    deno(
      'error sending request for url (http://h:1/): client error (Connect): tcp connect error: Connection refused (os error 111)',
    ),
    'network',
    false,
    'connection refused',
  ],
  [
    'Deno, no such name',
    deno('client error (Connect): dns error: failed to lookup address information'),
    'network',
    false,
    'name not resolved',
  ],
  ['Deno, reset', deno('Connection reset by peer (os error 104)'), 'network', true, 'connection reset'],
  [
    'Deno, closed before headers',
    deno('client error (SendRequest): connection closed before message completed'),
    'network',
    true,
    'closed before headers',
  ],
  ['Deno, in the body', wrapped('error reading a body from connection'), 'network', true, 'connection reset'],
  [
    'Deno, not HTTP',
    deno('client error (SendRequest): invalid HTTP version parsed'),
    'network',
    true,
    'not HTTP',
  ],
  [
    'Deno, TLS to a plain port',
    deno('client error (Connect): received corrupt message of type InvalidContentType'),
    'network',
    false,
    'TLS failed',
  ],
  ['Deno, blocked port', wrapped('Requests to port 6000 are blocked'), 'network', false, 'network error'],
  [
    'a runtime timer',
    new DOMException('The operation timed out.', 'TimeoutError'),
    'timeout',
    true,
    'timed out',
  ],
  ['a string', 'socket hang up', 'network', true, 'connection reset'],
  ['nothing at all', undefined, 'network', true, 'network error'],
  ['something else', { code: 23 }, 'network', true, 'network error'],
];

describe('a rejected fetch is read whatever runtime rejected it', () => {
  for (const [what, error, outcome, reached, text] of rows) {
    test(`${what} is ${text}`, () => {
      expect(classifyTransport(error)).toEqual({ class: outcome, reached, text });
      const own = new Error('no answer', { cause: error });
      expect(classifyTransport(own)).toEqual({ class: outcome, reached, text });
    });
  }

  test('an error that is its own cause ends', () => {
    const error = new Error('x');
    error.cause = error;
    expect(classifyTransport(error).text).toBe('network error');
  });
});

describe('real sockets of this runtime', () => {
  const listen = (onData: (socket: import('node:net').Socket) => void): Promise<Server> =>
    new Promise((resolve) => {
      const server = createServer((socket) => {
        socket.on('error', () => undefined);
        socket.once('data', () => onData(socket));
      }).listen(0, '127.0.0.1', () => resolve(server));
    });

  const portOf = (server: Server): number => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no port');
    return address.port;
  };

  const failureAt = async (port: number): Promise<unknown> => {
    try {
      await (await fetch(`http://127.0.0.1:${port}/`)).text();
    } catch (error) {
      return error;
    }
    throw new Error('the fetch went well');
  };

  test('a closed port is refused and sent nothing', async () => {
    const server = await listen(() => undefined);
    const port = portOf(server);
    await new Promise((resolve) => server.close(resolve));
    expect(classifyTransport(await failureAt(port))).toEqual({
      class: 'network',
      reached: false,
      text: 'connection refused',
    });
  });

  test('a connection closed before and inside an answer has reached the host', async () => {
    const silent = await listen((socket) => socket.destroy());
    const cut = await listen((socket) => {
      socket.end('HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhello');
    });
    for (const server of [silent, cut]) {
      expect(classifyTransport(await failureAt(portOf(server)))).toMatchObject({
        class: 'network',
        reached: true,
      });
      server.close();
    }
  });
});
