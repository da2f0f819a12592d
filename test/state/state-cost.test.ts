import { describe, expect, test } from 'bun:test';
import { measureStateCost } from './state-cost.ts';

/** What a share of a core is worth, only a machine at rest can say: the proof asks for the limit itself. */
const mostShare = Number(process.env.STATE_SHARE ?? '0.1');

describe('sixteen instances before 64 backends with 500 models', () => {
  test('cost each of them little while nothing happens', async () => {
    const { share, bytesPerSecond, instances } = await measureStateCost('idle', 5);
    expect(instances).toBe(16);
    expect(bytesPerSecond).toBeLessThan(15_000);
    expect(share).toBeLessThan(mostShare);
  }, 40_000);

  test('cost each of them not much more under load', async () => {
    const { share, bytesPerSecond, instances } = await measureStateCost('loaded', 5);
    expect(instances).toBe(16);
    expect(bytesPerSecond).toBeLessThan(250_000);
    expect(share).toBeLessThan(mostShare);
  }, 40_000);
});
