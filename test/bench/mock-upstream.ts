/**
 * The engine behind every proxy under test: one process that answers OpenAI's, Ollama's and Google's paths with prepared bytes
 * on raw sockets, so that it takes as little of its core as it can. Prints its port.
 * A prompt that says `events=<n> gap=<ms>` sets a stream's length and pace; `gap=0` stops it after its first event.
 */

import { geminiEvent, geminiLast, geminiListing } from './mock-gemini.ts';
import {
  ollamaAnswer,
  ollamaEvent,
  ollamaLast,
  ollamaListing,
  ollamaLoaded,
  ollamaVersion,
} from './mock-ollama.ts';
import { openAiAnswer, openAiEvent, openAiLast, openAiListing } from './mock-openai.ts';

/** A request in arrival, and the stream that answers it. */
interface Peer {
  head: string;
  body: string;
  /** Bytes of the body that are still to come, infinite for one in chunks. */
  missingBytes: number;
  /** The end of what came of a body in chunks. */
  tail: string;
  headers: string;
  timer: NodeJS.Timeout | undefined;
}

type PeerSocket = Bun.Socket<Peer>;

/** A body beyond this holds an image, not a command, and is counted without being kept. */
const keptBodyBytes = 16 * 1024;

let openStreams = 0;
let servedRequests = 0;

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

const whole = (body: string): Uint8Array =>
  encode(
    `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${encode(body).length}\r\n\r\n${body}`,
  );

const chunk = (text: string): string => `${encode(text).length.toString(16)}\r\n${text}\r\n`;

interface Stream {
  readonly first: Uint8Array;
  readonly next: Uint8Array;
  readonly last: Uint8Array;
}

const streamOf = (contentType: string, event: string, last: string): Stream => ({
  first: encode(
    `HTTP/1.1 200 OK\r\nContent-Type: ${contentType}\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(event)}`,
  ),
  next: encode(chunk(event)),
  last: encode(`${chunk(last)}0\r\n\r\n`),
});

const openAiStream = streamOf('text/event-stream', openAiEvent, openAiLast);
const ollamaStream = streamOf('application/x-ndjson', ollamaEvent, ollamaLast);
const geminiStream = streamOf('text/event-stream', geminiEvent, geminiLast);
const openAiWhole = whole(openAiAnswer);
const ollamaWhole = whole(ollamaAnswer);

const pages: ReadonlyMap<string, Uint8Array> = new Map([
  ['/v1/models', whole(openAiListing)],
  ['/v1beta/models?pageSize=1000', whole(geminiListing)],
  ['/api/tags', whole(ollamaListing)],
  ['/api/ps', whole(ollamaLoaded)],
  ['/api/version', whole(ollamaVersion)],
]);

const notFound = encode('HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n');

/** What does not fit into the socket is a client that stopped reading, which no row of the benchmark has. */
const write = (socket: PeerSocket, bytes: Uint8Array): void => {
  if (socket.write(bytes) < bytes.length) socket.terminate();
};

const endStream = ({ data }: PeerSocket): void => {
  if (data.timer === undefined) return;
  clearInterval(data.timer);
  data.timer = undefined;
  openStreams -= 1;
};

const startStream = (
  socket: PeerSocket,
  { first, next, last }: Stream,
  events: number,
  gapMs: number,
): void => {
  openStreams += 1;
  write(socket, first);
  let sent = 1;
  const beat = (): void => {
    sent += 1;
    if (sent >= events) endStream(socket);
    write(socket, sent < events ? next : last);
  };
  socket.data.timer = gapMs === 0 ? setInterval(() => undefined, 2 ** 30) : setInterval(beat, gapMs);
};

const answerPost = (socket: PeerSocket, path: string, body: string): void => {
  servedRequests += 1;
  const dialect = path.startsWith('/api/') ? 'ollama' : 'openai';
  const isGemini = path.includes(':streamGenerateContent');
  if (!isGemini && !body.includes('"stream":true')) {
    write(socket, dialect === 'ollama' ? ollamaWhole : openAiWhole);
    return;
  }
  const wanted = /events=(\d+) gap=(\d+)/.exec(body);
  const stream = isGemini ? geminiStream : dialect === 'ollama' ? ollamaStream : openAiStream;
  startStream(socket, stream, Number(wanted?.[1] ?? 1), Number(wanted?.[2] ?? 1));
};

const counts = (): Uint8Array => whole(JSON.stringify({ openStreams, servedRequests }));

const answer = (socket: PeerSocket): void => {
  const { headers, body } = socket.data;
  Object.assign(socket.data, { headers: '', body: '' });
  const [method, path = ''] = headers.slice(0, headers.indexOf('\r\n')).split(' ');
  if (method === 'POST') answerPost(socket, path, body);
  else write(socket, path === '/bench/counts' ? counts() : (pages.get(path) ?? notFound));
};

const took = (socket: PeerSocket, lengthBytes: number, text: string): void => {
  const { data } = socket;
  data.missingBytes -= lengthBytes;
  data.body += text;
  if (data.missingBytes <= 0) answer(socket);
};

/** What no part of a prompt or an image is: the end of a body in chunks. */
const lastChunk = '0\r\n\r\n';

const tookChunks = (socket: PeerSocket, text: string): void => {
  const { data } = socket;
  // Reads may divide it, so the end of what came before is looked at again.
  const end = (data.tail + text).slice(-lastChunk.length);
  const isLast = end === lastChunk;
  data.tail = isLast ? '' : end;
  if (isLast) data.missingBytes = 0;
  took(socket, 0, data.body.length < keptBodyBytes ? text.slice(0, keptBodyBytes) : '');
};

const read = (socket: PeerSocket, bytes: Buffer): void => {
  const { data } = socket;
  if (data.missingBytes === Number.POSITIVE_INFINITY) {
    tookChunks(socket, bytes.toString('latin1'));
    return;
  }
  if (data.missingBytes > 0) {
    const kept = data.body.length < keptBodyBytes ? bytes.toString('latin1', 0, keptBodyBytes) : '';
    took(socket, bytes.length, kept);
    return;
  }
  const text = data.head + bytes.toString('latin1');
  const headEnd = text.indexOf('\r\n\r\n');
  data.head = headEnd === -1 ? text : '';
  if (headEnd === -1) return;
  data.headers = text.slice(0, headEnd + 2);
  if (/\r\ntransfer-encoding: *chunked/i.test(data.headers)) {
    data.missingBytes = Number.POSITIVE_INFINITY;
    tookChunks(socket, text.slice(headEnd + 4));
    return;
  }
  data.missingBytes = Number(/\r\ncontent-length: *(\d+)/i.exec(data.headers)?.[1] ?? 0);
  took(socket, text.length - headEnd - 4, text.slice(headEnd + 4, headEnd + 4 + keptBodyBytes));
};

const listener = Bun.listen<Peer>({
  hostname: '127.0.0.1',
  port: 0,
  socket: {
    open: (socket) => {
      socket.data = { head: '', body: '', missingBytes: 0, tail: '', headers: '', timer: undefined };
      socket.setNoDelay(true);
    },
    data: read,
    close: endStream,
    error: endStream,
  },
});

process.stdout.write(`${listener.port}\n`);
