import { describe, expect, test } from 'bun:test';
import { measureStateCost, type StateCost } from './state-cost.ts';

/** What a share of a core is worth, only a machine at rest can say: the proof asks for the limit itself. */
const mostShare = Number(process.env.STATE_SHARE ?? '0.1');

const measured = async (how: 'idle' | 'loaded'): Promise<StateCost> => {
  const cost = await measureStateCost(how, 5);
  if (process.env.STATE_SHOW !== undefined) console.log(how, cost);
  return cost;
};

describe('sixteen instances before 64 backends with 500 models', () => {
  test('cost each of them little while nothing happens', async () => {
    const { share, bytesPerSecond, instances } = await measured('idle');
    expect(instances).toBe(16);
    expect(bytesPerSecond).toBeLessThan(15_000);
    expect(share).toBeLessThan(mostShare);
  }, 40_000);

  test('cost each of them not much more under load', async () => {
    const { share, bytesPerSecond, instances } = await measured('loaded');
    expect(instances).toBe(16);
    expect(bytesPerSecond).toBeLessThan(250_000);
    expect(share).toBeLessThan(mostShare);
  }, 40_000);
});
