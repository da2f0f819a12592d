/** Cells that need a process of their own: a host that takes no connection, and a process without descriptors. */

import { expect } from 'bun:test';
import { connect, type Socket } from 'node:net';
import { openAi, post, say } from '../runtimes/dialects.ts';
import { openStream } from '../runtimes/open-stream.ts';
import { startRawClient } from '../runtimes/raw-client.ts';
import { startEngine } from '../runtimes/scripted-engine.ts';
import { type SilentHost, startSilentHost } from '../runtimes/silent-host.ts';
import { type Pointsman, startPointsman } from '../runtimes/start-pointsman.ts';
import type { Target } from '../runtimes/target.ts';
import { atOnceMs, type Cell, cellId, freedWithinMs, type Scene, timers } from './cell.ts';
import type { Form } from './matrix.ts';
import { until } from './until.ts';

const model = 'far';

interface Alone {
  readonly pointsman: Pointsman;
  readonly silent: SilentHost;
}

/** With a host that is about to be lost, and another that has its model. */
const withSilentHost = async (scene: Scene, prove: (alone: Alone) => Promise<void>): Promise<void> => {
  const silent = await startSilentHost(model);
  const second = await startEngine({ kind: 'openai-compatible', models: [model] });
  second.answer((call) =>
    call.body.stream === true ? say(call, openAi, 'fine') : call.whole(openAi.whole('fine')),
  );
  const pointsman = await startPointsman(scene.target, {
    backends: {
      silent: { kind: 'openai-compatible', url: silent.url, priority: 1 },
      second: { kind: 'openai-compatible', url: second.url, priority: 2 },
    },
    strategy: 'round_robin_priority',
    timeouts: { headersMs: timers.headersMs },
    heartbeat: { afterMs: 0 },
    probe: { intervalMs: 60_000, timeoutMs: timers.probeTimeoutMs },
  });
  try {
    const isUp = async (): Promise<boolean> =>
      (await (await fetch(`${pointsman.origin}/health`)).text()).includes('"status":"ok"');
    await until('both hosts are up', isUp, () => scene.within(5000));
    await silent.freeze();
    await prove({ pointsman, silent });
  } finally {
    await pointsman.stop();
    await Promise.all([silent.close(), second.close()]);
  }
};

/** At most two are slow, and nobody after them. */
const passesBy = (scene: Scene): Promise<void> =>
  withSilentHost(scene, async ({ pointsman: { origin } }) => {
    const body = openAi.chat(model, { stream: scene.form === 'stream' });
    const tries: number[] = [];
    for (let index = 0; index < 5; index += 1) {
      const startedAt = performance.now();
      const response = await post(origin, openAi.chatPath, body);
      expect(await response.text()).toContain('fine');
      const attempts = Number(response.headers.get('x-pointsman-attempts'));
      tries.push(attempts);
      const slowMs = attempts === 2 ? timers.headersMs + timers.probeTimeoutMs : 0;
      expect(performance.now() - startedAt).toBeLessThan(scene.within(slowMs + atOnceMs));
    }
    expect(tries).toEqual([2, 2, 1, 1, 1]);
  });

const leavesWhileConnecting = (scene: Scene): Promise<void> =>
  withSilentHost(scene, async ({ pointsman, silent }) => {
    const inflight = async (): Promise<string> => (await fetch(`${pointsman.origin}/stats`)).text();
    const text = JSON.stringify(openAi.chat(model, { stream: scene.form === 'stream' }));
    const head = `POST ${openAi.chatPath} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json`;
    for (const how of ['finish', 'reset'] as const) {
      const client = startRawClient(
        pointsman.port,
        `${head}\r\ncontent-length: ${text.length}\r\n\r\n${text}`,
      );
      await until(
        'it connects',
        () => silent.waitedForBy(pointsman.pid) > 0,
        () => scene.within(timers.probeTimeoutMs),
      );
      client.leave(how);
      await until(
        'nothing runs',
        async () => (await inflight()).startsWith('{"inflight":0'),
        () => scene.within(freedWithinMs),
      );
    }
  });

/** Few enough that some hundred clients take them all. */
const descriptors = 256;
const clients = 400;

const limited = ({ command, ...target }: Target): Target => ({
  ...target,
  command: ['sh', '-c', `ulimit -n ${descriptors} && exec "$@"`, 'sh', ...command],
});

const livesOn = async (scene: Scene): Promise<void> => {
  const engine = await startEngine({ kind: 'openai-compatible', models: [model] });
  const pointsman = await startPointsman(limited(scene.target), {
    backends: { only: { kind: 'openai-compatible', url: engine.url, slots: 4 } },
    heartbeat: { afterMs: 0 },
  });
  const sockets: Socket[] = [];
  try {
    const responding = post(pointsman.origin, openAi.chatPath, openAi.chat(model));
    const call = await engine.next();
    call.begin(openAi.streamType);
    call.write(openAi.text('begun '));
    const stream = openStream(await responding);
    await stream.saw('begun');
    let settled = 0;
    for (let index = 0; index < clients; index += 1) {
      const socket = connect({ port: pointsman.port, host: '127.0.0.1' });
      for (const event of ['connect', 'error'] as const) socket.once(event, () => (settled += 1));
      socket.on('error', () => undefined);
      sockets.push(socket);
    }
    await until(
      'all clients have come',
      () => settled >= clients,
      () => scene.within(5000),
    );
    call.write(openAi.text('goes on '));
    await stream.saw('goes on');
    for (const socket of sockets) socket.destroy();
    call.write(openAi.text('and ends') + openAi.end);
    call.end();
    expect(openAi.read(await stream.ended)).toMatchObject({ text: 'begun goes on and ends', complete: true });
    engine.answer((next) => next.whole(openAi.whole('again')));
    const again = async (): Promise<boolean> => {
      try {
        const body = openAi.chat(model, { stream: false });
        const response = await post(pointsman.origin, openAi.chatPath, body, {
          signal: AbortSignal.timeout(1000),
        });
        return (await response.text()).includes('again');
      } catch {
        return false;
      }
    };
    await until('it takes requests again', again, () => scene.within(5000), 50);
  } finally {
    for (const socket of sockets) socket.destroy();
    await pointsman.stop();
    await engine.close();
  }
};

const forms: readonly Form[] = ['stream', 'whole'];

const cellOf = (place: Pick<Cell, 'fault' | 'phase' | 'form'>, how: string, prove: Cell['prove']): Cell => ({
  ...place,
  id: cellId(place, openAi, how),
  dialect: openAi,
  setup: {},
  waits: false,
  lane: 'alone',
  prove,
});

/** All of them, one after the other; a host that is lost speaks no dialect, so one will do. */
export const aloneCells: readonly Cell[] = [
  ...forms.flatMap((form) => [
    cellOf({ fault: 'black hole', phase: 'connecting', form }, 'the host takes no connection', passesBy),
    cellOf(
      { fault: 'client gone', phase: 'connecting', form },
      'the host takes no connection',
      leavesWhileConnecting,
    ),
  ]),
  cellOf({ fault: 'no descriptors', phase: 'streaming', form: 'stream' }, 'running streams live on', livesOn),
];
