import { expect, test } from 'bun:test';
import fc from 'fast-check';
import { propertyRuns } from '../property-runs.ts';
import { playQueue, type Sender, type Waits } from './queue-play.ts';

const seeds = fc.nat();
const few = { numRuns: Math.ceil(propertyRuns / 100) };

const tenants = (count: number, sender: Omit<Sender, 'tenant'>): readonly Sender[] =>
  Array.from({ length: count }, (_, index) => ({ ...sender, tenant: `tenant ${index}` }));

const percentile = (values: readonly number[], share: number): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length * share)] ?? 0;

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/** (Σx)² / (n·Σx²): 1 when all have the same. */
const jain = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) ** 2 /
  (values.length * values.reduce((sum, value) => sum + value * value, 0));

const waitsOf = (played: ReadonlyMap<string, Waits>, without: string): readonly number[] =>
  [...played].flatMap(([tenant, { waits }]) => (tenant === without ? [] : waits));

test('equal tenants that want more than there is get equal work', () => {
  fc.assert(
    fc.property(seeds, fc.integer({ min: 2, max: 12 }), (seed, count) => {
      const played = playQueue({
        seed,
        senders: tenants(count, { perSecond: 4 / count }),
        slots: 4,
        costPerSecond: 50,
        seconds: 900,
      });
      expect(jain([...played.values()].map(({ servedCost }) => servedCost))).toBeGreaterThanOrEqual(0.95);
    }),
    few,
  );
});

test('tenants with long and with short requests get equal work when both want more than there is', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const senders = [
        { tenant: 'long', perSecond: 0.4, cost: 1000 },
        { tenant: 'short', perSecond: 8, cost: 50 },
        { tenant: 'middle', perSecond: 2, cost: 200 },
      ];
      const played = playQueue({ seed, senders, slots: 4, costPerSecond: 50, seconds: 1800 });
      expect(jain([...played.values()].map(({ servedCost }) => servedCost))).toBeGreaterThanOrEqual(0.95);
    }),
    few,
  );
});

test('one tenant that sends fifty times as much does not more than double the others’ waits', () => {
  const play = (seed: number, times: number): readonly number[] => {
    const [first, ...others] = tenants(10, { perSecond: 0.08 });
    if (first === undefined) return [];
    const senders = [{ ...first, perSecond: first.perSecond * times }, ...others];
    return waitsOf(playQueue({ seed, senders, slots: 4, costPerSecond: 50, seconds: 3600 }), first.tenant);
  };
  const quiet: number[] = [];
  const flooded: number[] = [];
  for (let seed = 1; seed <= 10; seed += 1) {
    quiet.push(...play(seed, 1));
    flooded.push(...play(seed, 50));
  }
  expect(mean(flooded)).toBeLessThanOrEqual(2 * mean(quiet));
  expect(percentile(flooded, 0.95)).toBeLessThanOrEqual(2 * percentile(quiet, 0.95));
  expect(percentile(flooded, 0.99)).toBeLessThanOrEqual(2 * percentile(quiet, 0.99));
});

test('no tenant with demand goes without service for a minute, batch beside a flood of interactive work included', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const senders: readonly Sender[] = [
        ...tenants(6, { perSecond: 2 }),
        { tenant: 'flood', perSecond: 20 },
        { tenant: 'dear', perSecond: 0.05, cost: 2000 },
        { tenant: 'batch', perSecond: 0.05, queueClass: 'batch' },
      ];
      const played = playQueue({ seed, senders, slots: 8, costPerSecond: 50, seconds: 600 });
      for (const { longestGap } of played.values()) expect(longestGap).toBeLessThanOrEqual(60);
      expect(played.get('batch')?.servedCost).toBeGreaterThan(0);
    }),
    few,
  );
});

test('a bounded queue under a flood still lets the others in', () => {
  fc.assert(
    fc.property(seeds, (seed) => {
      const senders = [...tenants(4, { perSecond: 0.1 }), { tenant: 'flood', perSecond: 50 }];
      const bounds = { slots: 4, costPerSecond: 50, seconds: 600, maxRequests: 32 };
      const played = playQueue({ seed, senders, ...bounds });
      expect(played.get('flood')?.refused).toBeGreaterThan(20_000);
      // A burst of its own may fill a tenant's quarter.
      for (const [tenant, { refused, waits }] of played)
        if (tenant !== 'flood') expect(refused).toBeLessThanOrEqual(0.1 * waits.length);
    }),
    few,
  );
});
