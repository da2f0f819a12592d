/** How much longer a request takes whose first host refuses it, resets it, or takes no connection. */

import { openAi, post } from '../../runtimes/dialects.ts';
import { type ScriptedEngine, startEngine } from '../../runtimes/scripted-engine.ts';
import { type BlackHoles, startBlackHoles } from '../black-holes.ts';
import { type Figure, median, type Row } from '../figures.ts';
import type { ProxyProcess } from '../proxy-process.ts';
import type { Session } from '../session.ts';
import { pointsmanNames, startConfigured, type TargetName } from '../targets.ts';

/** The limits that a released binary keeps. */
const floorsMs = { refused: 50, reset: 100, 'black hole': 1300 } as const;

type Fault = keyof typeof floorsMs;

const faults = Object.keys(floorsMs) as readonly Fault[];

/** Durations beyond that of an answer whose first host serves. */
type Added = Readonly<Record<Fault, readonly number[]>>;

interface Fleet {
  readonly lost: readonly ScriptedEngine[];
  readonly resetting: ScriptedEngine;
  readonly silent: BlackHoles;
  readonly second: ScriptedEngine;
}

const plain = 'plain';
const plainRequests = 50;

const named = (fault: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${fault.replace(' ', '-')}-${index}`);

const engine = (models: readonly string[]): Promise<ScriptedEngine> =>
  startEngine({ kind: 'openai-compatible', models });

/** Each model has a first host that fails in its way, so that no request profits from the one before. */
const startFleet = async ({ sizes: { failovers, blackHoles } }: Session): Promise<Fleet> => {
  const models = {
    refused: named('refused', failovers),
    reset: named('reset', failovers),
    silent: named('black hole', blackHoles),
  };
  const second = await engine([plain, ...models.refused, ...models.reset, ...models.silent]);
  second.answer((call) => call.whole(openAi.whole('fine')));
  const resetting = await engine(models.reset);
  resetting.answer((call) => call.cut('reset'));
  const lost = await Promise.all(models.refused.map((model) => engine([model])));
  return { lost, resetting, silent: await startBlackHoles(models.silent), second };
};

/** The defaults, but for what would take a failing host out of the way before a request meets it. */
const configurationOf = ({ lost, resetting, silent, second }: Fleet, port: number): string => {
  const backend = (url: string, priority: number) => ({ kind: 'openai-compatible', url, priority });
  const backends = Object.fromEntries([
    ...lost.map(({ url }, index) => [`lost-${index}`, backend(url, 1)]),
    ...silent.ports.map((at, index) => [`silent-${index}`, backend(`http://127.0.0.1:${at}`, 1)]),
    ['resetting', backend(resetting.url, 1)],
    ['second', backend(second.url, 2)],
  ]);
  return JSON.stringify({
    listen: `127.0.0.1:${port}`,
    backends,
    strategy: 'round_robin_priority',
    probe: { intervalMs: 3_600_000, timeoutMs: 1000 },
    retryBudget: { tokens: 10_000 },
  });
};

const asked = async (port: number, model: string, attempts: number): Promise<number> => {
  const startedAt = performance.now();
  const body = openAi.chat(model, { stream: false });
  const response = await post(`http://127.0.0.1:${port}`, openAi.chatPath, body);
  const text = await response.text();
  const tookMs = performance.now() - startedAt;
  if (!text.includes('fine') || response.headers.get('x-pointsman-attempts') !== String(attempts))
    throw new Error(`${model} was not served in ${attempts} attempts: ${response.status} ${text}`);
  return tookMs;
};

const starts = 10;

/** None is looked at twice, so where a busy machine missed one it is started once more. */
const startWithAllUp = async (
  name: (typeof pointsmanNames)[number],
  fleet: Fleet,
  { site }: Session,
): Promise<ProxyProcess> => {
  for (let start = 1; ; start += 1) {
    const proxy = await startConfigured(name, site, (port) => configurationOf(fleet, port));
    const health = await (await fetch(`http://127.0.0.1:${proxy.port}/health`)).text();
    if (health.includes('"status":"ok"')) return proxy;
    await proxy.stop();
    if (start === starts) throw new Error('not every host of the failover row came up');
  }
};

const measure = async (port: number, fleet: Fleet, { sizes }: Session): Promise<Added> => {
  const own: number[] = [];
  for (let index = 0; index < plainRequests; index += 1) own.push(await asked(port, plain, 1));
  const usualMs = median(own);
  const each = async (fault: Fault, count: number): Promise<readonly number[]> => {
    const added: number[] = [];
    for (const model of named(fault, count)) added.push((await asked(port, model, 2)) - usualMs);
    return added;
  };
  await Promise.all(fleet.lost.map((host) => host.close()));
  const refused = await each('refused', sizes.failovers);
  const reset = await each('reset', sizes.failovers);
  await fleet.silent.freeze();
  return { refused, reset, 'black hole': await each('black hole', sizes.blackHoles) };
};

const measured = async (name: (typeof pointsmanNames)[number], session: Session): Promise<Added> => {
  const fleet = await startFleet(session);
  try {
    const proxy = await startWithAllUp(name, fleet, session);
    try {
      return await measure(proxy.port, fleet, session);
    } finally {
      await proxy.stop();
    }
  } finally {
    fleet.silent.close();
    await Promise.all([fleet.resetting.close(), fleet.second.close()]);
  }
};

const slowest = (values: readonly number[]): number =>
  values.toSorted((left, right) => left - right)[Math.ceil(0.99 * values.length) - 1] ?? Number.NaN;

/** Added to one request at a time, in the middle and at the slow end. */
export const failover = async (session: Session): Promise<Row> => {
  const added = new Map<TargetName, Added>();
  for (const name of pointsmanNames) {
    session.say(`  ${name}`);
    added.set(name, await measured(name, session));
  }
  const values = (fault: Fault, of: (values: readonly number[]) => number): Figure['values'] =>
    Object.fromEntries([...added].map(([name, by]) => [name, of(by[fault])]));
  return {
    id: 'failover',
    title: 'Failover to the next host',
    figures: faults.flatMap((fault): readonly Figure[] => [
      { name: `${fault}, added p50`, unit: 'ms', values: values(fault, median) },
      {
        name: `${fault}, added p99`,
        unit: 'ms',
        values: values(fault, slowest),
        floors: { binary: floorsMs[fault] },
      },
    ]),
  };
};
