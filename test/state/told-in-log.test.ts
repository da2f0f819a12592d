import { afterEach, beforeEach, describe, expect, test } from 'bun:test';
import type { PointsmanApp } from '../../src/http/app.ts';
import { createMemoryStore } from '../../src/state/memory-store.ts';
import type { StateStore } from '../../src/state/store.ts';
import { type FakeHost, startFakeHost, startInstance, until } from './two-instances.ts';

let host: FakeHost;
let apps: PointsmanApp[] = [];
beforeEach(() => {
  host = startFakeHost();
});
afterEach(async () => {
  for (const app of apps) app.stop();
  apps = [];
  await host.stop();
});

/** An instance with the log it writes at the level that is in force where nothing is said. */
const start = async (store: StateStore, state: string): Promise<{ app: PointsmanApp; told: string[] }> => {
  const lines: string[] = [];
  const writeLog = (line: string): void => void lines.push(line);
  const app = await startInstance({ engine: host.url }, state, { store, writeLog });
  apps.push(app);
  return { app, told: lines };
};

const stateLines = (told: readonly string[]): readonly string[] =>
  told
    .map((line) => JSON.parse(line))
    .filter(({ type }) => type === 'state')
    .map(({ what, reason }) => `${what}: ${reason}`);

const shared = (): StateStore => ({ ...createMemoryStore(), close: async () => undefined });
const ignored = (app: PointsmanApp): number =>
  app.gateway.cluster.state()?.ignored.get('foreign-secret') ?? 0;

describe('the log says of what is shared', () => {
  test('once and in words that another secret is about', async () => {
    const store = shared();
    const left = await start(store, '{ secret: a-secret-of-one-cluster }');
    const right = await start(store, '{ secret: another-cluster-secret }');
    await until('both pass several over', () => ignored(left.app) > 2 && ignored(right.app) > 2, 15_000);
    for (const { told } of [left, right]) {
      expect(stateLines(told)).toEqual([
        'ignored: documents made with another state.secret, or without one, are passed over (foreign-secret)',
      ]);
      expect(told.join('')).not.toContain('-secret-of-');
    }
  }, 20_000);

  test('which name an instance takes whose own is taken', async () => {
    const store = shared();
    const elder = await start(store, '{ instance: twin }');
    await until('attached', () => elder.app.gateway.cluster.state()?.attachment.state === 'attached');
    const younger = await start(store, '{ instance: twin }');
    await until('renamed', () => stateLines(younger.told).length > 0, 10_000);
    const name = younger.app.gateway.cluster.state()?.instance;
    expect(stateLines(younger.told)).toEqual([
      `renamed: an older instance has its name; this one is ${name} now`,
    ]);
    expect(stateLines(elder.told)).toEqual([]);
  }, 20_000);

  test('that the store is lost, and that it is back', async () => {
    const store = shared();
    let isAway = false;
    const unless =
      <Given extends unknown[], Answer>(call: (...given: Given) => Promise<Answer>) =>
      (...given: Given): Promise<Answer> =>
        isAway ? Promise.reject(new Error('redis://me:canary@box')) : call(...given);
    const { app, told } = await start(
      { ...store, keys: unless(store.keys), read: unless(store.read), write: unless(store.write) },
      '{}',
    );
    const stands = (): string | undefined => app.gateway.cluster.state()?.attachment.state;
    await until('attached', () => stands() === 'attached');
    expect(stateLines(told)).toEqual([]);
    isAway = true;
    await until('detached', () => stands() === 'detached');
    isAway = false;
    await until('attached again', () => stands() === 'attached');
    expect(stateLines(told)).toEqual([
      'detached: the store refuses or cannot be reached',
      'attached: the store answers again',
    ]);
  }, 20_000);
});
