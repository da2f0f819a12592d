/** A host that is there until it is frozen: from then on it takes no connection, as a machine does that lost its power. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

export interface SilentHost {
  readonly url: string;
  /** Once and for good: stops it in its tracks and fills what the kernel would still accept for it. */
  freeze(): Promise<void>;
  /** How many connections to it a process is waiting for. */
  waitedForBy(pid: number): number;
  close(): Promise<void>;
}

/** Lists one model and closes each connection, so that none is kept for later. */
const program = `
const { createServer } = require('node:http');
const model = process.argv.at(-1);
const server = createServer((request, response) => {
  response.setHeader('connection', 'close');
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify({ object: 'list', data: [{ id: model, object: 'model' }] }));
});
server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => console.log(server.address().port));
`;

const synSent = '02';

/** The sockets of a process, by the inode the kernel's table names them with. */
const inodesOf = (pid: number): ReadonlySet<string> => {
  const inodes = new Set<string>();
  for (const name of readdirSync(`/proc/${pid}/fd`)) {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${name}`))?.[1];
      if (inode !== undefined) inodes.add(inode);
    } catch {
      // Closed since it was listed.
    }
  }
  return inodes;
};

const waiting = (pid: number, port: number): number => {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const inodes = inodesOf(pid);
  const rows = readFileSync(`/proc/${pid}/net/tcp`, 'utf8').trim().split('\n').slice(1);
  return rows.filter((row) => {
    const [, , to, state, , , , , , inode = ''] = row.trim().split(/\s+/);
    return to === remote && state === synSent && inodes.has(inode);
  }).length;
};

const connects = (socket: Socket): Promise<boolean> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), 150);
    socket.once('connect', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });

/** Starts it with one model. */
export const startSilentHost = async (model: string): Promise<SilentHost> => {
  const child = spawn('node', ['-e', program, model], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [data] = (await once(child.stdout, 'data')) as [Buffer];
  const port = Number(data.toString());
  const fillers: Socket[] = [];
  let frozen = false;
  return {
    url: `http://127.0.0.1:${port}`,
    freeze: async () => {
      if (frozen) return;
      frozen = true;
      child.kill('SIGSTOP');
      for (let taken = true; taken && fillers.length < 64; ) {
        const socket = connect({ port, host: '127.0.0.1' });
        socket.on('error', () => undefined);
        fillers.push(socket);
        taken = await connects(socket);
      }
    },
    waitedForBy: (pid) => waiting(pid, port),
    close: async () => {
      for (const socket of fillers) socket.destroy();
      const ended = once(child, 'close');
      child.kill('SIGKILL');
      await ended;
    },
  };
};
