/** Clients that do not read: the host is held back, and nothing is lost. */

import { expect } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { dialects, ollama } from '../runtimes/dialects.ts';
import { type Cell, cellId, type Scene } from './cell.ts';
import { until } from './until.ts';

const pieceBytes = 64 * 1024;
const pieceCount = 400;

/** What the kernel holds on two connections and the program beside it, at most. */
const heldBytes = 16 * 1024 * 1024;

interface SlowClient {
  readonly socket: Socket;
  readonly sizeBytes: () => number;
  /** The last bytes that came. */
  readonly tail: () => string;
}

const startClient = (scene: Scene): SlowClient => {
  const text = JSON.stringify(scene.body());
  const head = `POST ${scene.dialect.chatPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
  const socket = connect({ port: scene.port, host: '127.0.0.1' }, () =>
    socket.write(`${head}\r\ncontent-length: ${text.length}\r\n\r\n${text}`),
  );
  let sizeBytes = 0;
  let tail = '';
  socket.on('error', () => undefined);
  socket.on('data', (data: Buffer) => {
    sizeBytes += data.length;
    tail = (tail + data.toString('latin1', Math.max(0, data.length - 1000))).slice(-1000);
  });
  return { socket, sizeBytes: () => sizeBytes, tail: () => tail };
};

const holdsBack = async (scene: Scene): Promise<void> => {
  const { first, dialect } = scene;
  first.answer(undefined);
  const client = startClient(scene);
  const call = await first.next();
  call.begin(dialect.streamType);
  call.write(dialect.text('begun'));
  await until(
    'it has begun',
    () => client.tail().includes('begun'),
    () => scene.within(2000),
  );
  client.socket.pause();
  const piece = dialect.text('x'.repeat(pieceBytes));
  const before = client.sizeBytes();
  for (let index = 0; index < pieceCount; index += 1) call.write(piece);
  call.write(dialect.end);
  call.end();
  const unsent = (): number => call.socket.writableLength;
  let seen = -1;
  const isStill = (): boolean => {
    const still = unsent() === seen;
    seen = unsent();
    return still;
  };
  await until('nothing moves any more', isStill, () => scene.within(5000), 300);
  expect(unsent()).toBeGreaterThan(pieceBytes * pieceCount - heldBytes);
  client.socket.resume();
  const last = dialect === ollama ? '"done":true' : '[DONE]';
  await until(
    'all has come',
    () => client.tail().includes(last),
    () => scene.within(10_000),
  );
  expect(client.sizeBytes() - before).toBeGreaterThanOrEqual(piece.length * pieceCount);
  expect(scene.posts()).toEqual({ first: 1, second: 0 });
  client.socket.destroy();
  await scene.idle();
};

/** One after the other, since each holds tens of megabytes. */
export const backPressureCells: readonly Cell[] = dialects.map((dialect): Cell => {
  const place = { fault: 'client that does not read', phase: 'streaming', form: 'stream' } as const;
  return {
    ...place,
    id: cellId(place, dialect, 'holds the host back, and loses nothing'),
    dialect,
    setup: {},
    waits: false,
    lane: 'large',
    prove: holdsBack,
  };
});
