/** The load generator: a process of its own that takes one job after another over its channel. */

import type { StreamCall } from '../pointsman.ts';
import { type Connection, connect } from './connection.ts';
import type {
  AbandonJob,
  Done,
  HoldJob,
  Job,
  JobResult,
  RequestsDone,
  RequestsJob,
  Spread,
  StreamsDone,
  StreamsJob,
  UploadJob,
} from './jobs.ts';

const chatPath = '/v1/chat/completions';
const connectionsAtOnce = 50;

const bytesOf = (port: number, body: string, path = chatPath): Uint8Array =>
  new TextEncoder().encode(
    `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
      `Content-Length: ${body.length}\r\n\r\n${body}`,
  );

const spreadOf = (durationsMs: number[]): Spread => {
  const sorted = Float64Array.from(durationsMs).sort();
  const at = (share: number): number =>
    sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
};

const times = <Result>(count: number, run: (index: number) => Promise<Result>): Promise<Result[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => run(index)));

const expectOk = (status: number): void => {
  if (status !== 200) throw new Error(`answered ${status}`);
};

const requests = async ({ port, body, connections, durationMs }: RequestsJob): Promise<RequestsDone> => {
  const bytes = bytesOf(port, body);
  const latenciesMs: number[] = [];
  const opened = await times(connections, () => connect(port));
  const startedAt = performance.now();
  await Promise.all(
    opened.map(async (connection) => {
      for (let sentAt = performance.now(); sentAt - startedAt < durationMs; ) {
        expectOk((await connection.send(bytes)).status);
        const now = performance.now();
        latenciesMs.push(now - sentAt);
        sentAt = now;
      }
    }),
  );
  const elapsedMs = performance.now() - startedAt;
  for (const connection of opened) connection.leave();
  return { requests: latenciesMs.length, elapsedMs, latency: spreadOf(latenciesMs) };
};

const isContent = (bytes: Buffer): boolean => bytes.includes('"content":"');

const readStream = async (
  connection: Connection,
  bytes: Uint8Array,
  { token, end }: StreamCall,
): Promise<number> => {
  const startedAt = performance.now();
  let firstTokenMs: number | undefined;
  const { status, tail } = await connection.send(bytes, (heard) => {
    if (firstTokenMs === undefined && heard.includes(token)) firstTokenMs = performance.now() - startedAt;
  });
  expectOk(status);
  if (firstTokenMs === undefined || !tail.includes(end)) throw new Error('a stream did not end as it should');
  return firstTokenMs;
};

const streams = async ({ port, call, clients, streamsEach, spreadMs }: StreamsJob): Promise<StreamsDone> => {
  const bytes = bytesOf(port, call.body, call.path);
  const firstTokensMs: number[] = [];
  const opened = await times(clients, () => connect(port));
  await Promise.all(
    opened.map(async (connection, index) => {
      if (spreadMs > 0) await Bun.sleep((spreadMs * index) / clients);
      for (let count = 0; count < streamsEach; count += 1)
        firstTokensMs.push(await readStream(connection, bytes, call));
    }),
  );
  for (const connection of opened) connection.leave();
  return { streams: firstTokensMs.length, firstToken: spreadOf(firstTokensMs) };
};

/** Resolves at the first token; the rest of the stream is nobody's business. */
const openStream = async (port: number, bytes: Uint8Array): Promise<Connection> => {
  const connection = await connect(port);
  await new Promise<void>((resolve, reject) => {
    connection
      .send(bytes, (heard) => isContent(heard) && resolve())
      .then(() => reject(new Error('a stream ended early')), reject);
  });
  return connection;
};

let held: Connection[] = [];

const hold = async ({ port, body, count }: HoldJob): Promise<null> => {
  const bytes = bytesOf(port, body);
  await times(Math.min(connectionsAtOnce, count), async (index) => {
    for (let next = index; next < count; next += connectionsAtOnce) held.push(await openStream(port, bytes));
  });
  return null;
};

const release = async (): Promise<null> => {
  for (const connection of held) connection.leave();
  held = [];
  return null;
};

const abandon = async ({ port, body, count, atOnce }: AbandonJob): Promise<null> => {
  const bytes = bytesOf(port, body);
  await times(Math.min(atOnce, count), async (index) => {
    for (let next = index; next < count; next += atOnce) (await openStream(port, bytes)).leave();
  });
  return null;
};

const upload = async ({ port, model, imageBytes }: UploadJob): Promise<null> => {
  const url = `data:image/png;base64,iVBORw0KGgoA${'QUJD'.repeat(Math.ceil(imageBytes / 4))}`;
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url } },
  ];
  const body = JSON.stringify({ model, stream: false, messages: [{ role: 'user', content }] });
  const answer = await fetch(`http://127.0.0.1:${port}${chatPath}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  });
  await answer.arrayBuffer();
  expectOk(answer.status);
  return null;
};

const run = (job: Job): Promise<Done[Job['kind']]> => {
  switch (job.kind) {
    case 'requests':
      return requests(job);
    case 'streams':
      return streams(job);
    case 'hold':
      return hold(job);
    case 'release':
      return release();
    case 'abandon':
      return abandon(job);
    case 'upload':
      return upload(job);
  }
};

const tell = (result: JobResult): void => {
  process.send?.(result);
};

process.on('message', (job: Job) => {
  run(job).then(
    (done) => tell({ done }),
    (error: unknown) => tell({ failed: error instanceof Error ? error.message : String(error) }),
  );
});
process.on('disconnect', () => process.exit(0));
