import { describe, expect, test } from 'bun:test';
import { decisionOf } from '../../src/core/decision.ts';
import { createTrace } from '../../src/simulation/trace.ts';
import { createHosts, createSimulatedApp } from '../../src/simulation/world.ts';
import { createSeededRandom } from '../../src/simulator/seeded-random.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Clock, Fetch } from '../../src/spec/ports.ts';
import { checkedFleet, fleetFrom } from '../simulation/checked-fleet.ts';
import { createHostileStore } from '../simulation/hostile-store.ts';
import { createStoppableClock } from '../simulation/stoppable-clock.ts';

const durationMs = 120_000;
const hour = 3_600_000;
const host = {
  kind: 'ollama',
  slots: 2,
  vram: '8GiB',
  models: ['small=2GiB', 'large=5GiB'],
  preload: ['small'],
  keepAliveSeconds: 30,
  contextTokens: 4096,
};
const fleet = {
  hosts: { one: host, two: host, three: host, four: host },
  settings: { decisions: { keep: 2_000 }, breaker: { openMs: 5_000 } },
};

interface Asked {
  readonly at: number;
  readonly instance: number;
  readonly model: string;
  readonly id: string;
}

/** The same callers each time. */
const recorded: readonly Asked[] = (() => {
  const random = createSeededRandom(7);
  return Array.from({ length: 360 }, (_, index) => ({
    at: random() * durationMs,
    instance: Math.floor(random() * 3),
    model: random() < 0.7 ? 'small' : 'large',
    id: `asked-${index}`,
  }));
})();

/** Hosts fail and refuse at the same times each time, by the true clock; a refusal names a date. */
const troubled =
  (fetch: Fetch, world: Clock): Fetch =>
  async (url, init) => {
    const at = world.now();
    const isAsked = init.method === 'POST';
    const { host: name } = new URL(url);
    if (isAsked && name === 'two' && at > 20_000 && at < 45_000) {
      return Response.json({ error: 'llama runner process has terminated' }, { status: 500 });
    }
    if (name === 'four' && at > 90_000 && at < 100_000) throw new TypeError('fetch failed');
    if (isAsked && name === 'three' && at > 60_000 && at < 75_000) {
      const date = (laterMs: number): string => new Date(world.wallMs() + laterMs).toUTCString();
      const headers = { date: date(0), 'retry-after': date(4_000) };
      return Response.json({ error: 'busy' }, { status: 429, headers });
    }
    return await fetch(url, init);
  };

interface Step {
  readonly at: number;
  readonly byMs: number;
}

/** All that three instances decide, and all that they call; the steps are those of the second one's wall clock. */
const play = async (steps: readonly Step[]) => {
  const { members, config } = checkedFleet(fleetFrom(fleet), {
    seed: 1,
    strategy: 'expected_finish',
    tokens: 'together',
  });
  const world = createVirtualClock();
  const hosts = createHosts(members, world, () => undefined);
  const store = createHostileStore(world, createSeededRandom(1));
  const clocks = [0, 1, 2].map(() => createStoppableClock(world));
  const lines: string[] = [];
  const apps = clocks.map((clock, index) =>
    createSimulatedApp({
      config,
      clock,
      fetch: troubled(hosts.fetch, world),
      seed: index,
      trace: createTrace((line) => lines.push(`${index} ${line}`)),
      onSettled: () => undefined,
      shares: { store: store.way(index), name: `router${index}` },
    }),
  );
  for (const { at, byMs } of steps) world.after(at, () => clocks[1]?.step(byMs));
  for (const { at, instance, model, id } of recorded) {
    world.after(at, async () => {
      const headers = { host: 'localhost', 'content-type': 'application/json', 'x-request-id': id };
      const messages = [{ role: 'user', content: `hello #${id} [20]` }];
      const body = JSON.stringify({ model, stream: false, messages });
      const request = new Request('http://localhost/api/chat', { method: 'POST', headers, body });
      await (await apps[instance]?.fetch(request))?.arrayBuffer();
    });
  }
  await world.advance(durationMs + 60_000);
  const stamps: number[] = [];
  const decisions = apps.map(({ gateway }) =>
    gateway.decisions.newest(2_000).map((record) => {
      const { atUnixMs, ...decided } = decisionOf(record);
      stamps.push(atUnixMs);
      return decided;
    }),
  );
  for (const app of apps) app.stop();
  return { decisions, lines, stamps };
};

describe('a wall clock that is set', () => {
  test('by an hour and back on one of three instances changes no decision and no call of any', async () => {
    const untouched = await play([]);
    expect(untouched.decisions.flat()).toHaveLength(recorded.length);
    expect(untouched.decisions.flat().some(({ attempts }) => attempts.length > 1)).toBe(true);
    const sequences: readonly (readonly Step[])[] = [
      [{ at: 1, byMs: -hour }],
      [
        { at: 25_000, byMs: hour },
        { at: 60_500, byMs: -2 * hour },
        { at: 95_000, byMs: hour },
      ],
    ];
    for (const steps of sequences) {
      const stepped = await play(steps);
      // They were set: what is stamped shows it.
      expect(stepped.stamps).not.toEqual(untouched.stamps);
      expect(stepped.lines).toEqual(untouched.lines);
      expect(stepped.decisions).toEqual(untouched.decisions);
    }
  }, 120_000);
});
