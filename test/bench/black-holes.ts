/** Hosts that are there until they are frozen: from then on they take no connection, as a machine that lost its power. */

import { connect, type Socket } from 'node:net';
import { killAtExit } from './kill-at-exit.ts';

export interface BlackHoles {
  /** One for each model. */
  readonly ports: readonly number[];
  /** Stops them in their tracks and fills what the kernel would still accept for them. */
  freeze(): Promise<void>;
  close(): void;
}

/** Each lists one model and closes each connection, so that none is kept for later. */
const program = `
const { createServer } = require('node:http');
const ports = [];
const models = process.argv.slice(1);
for (const model of models) {
  const server = createServer((request, response) => {
    response.setHeader('connection', 'close');
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ object: 'list', data: [{ id: model, object: 'model' }] }));
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
    ports.push([model, server.address().port]);
    if (ports.length === models.length) console.log(JSON.stringify(Object.fromEntries(ports)));
  });
}
`;

const isTaken = (socket: Socket): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 150);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });

/** More than any backlog of one. */
const mostFillers = 16;

const fill = async (port: number, fillers: Socket[]): Promise<void> => {
  for (let count = 0, taken = true; taken && count < mostFillers; count += 1) {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => undefined);
    fillers.push(socket);
    taken = await isTaken(socket);
  }
};

/** Starts them all in one process. */
export const startBlackHoles = async (models: readonly string[]): Promise<BlackHoles> => {
  const child = Bun.spawn(['node', '-e', program, ...models], { stdin: 'ignore', stdout: 'pipe' });
  killAtExit(child);
  const { value } = await child.stdout.getReader().read();
  const byModel = JSON.parse(new TextDecoder().decode(value)) as Readonly<Record<string, number>>;
  const ports = models.map((model) => byModel[model] ?? 0);
  const fillers: Socket[] = [];
  return {
    ports,
    freeze: async () => {
      child.kill('SIGSTOP');
      await Promise.all(ports.map((port) => fill(port, fillers)));
    },
    close: () => {
      for (const socket of fillers) socket.destroy();
      child.kill('SIGKILL');
    },
  };
};
