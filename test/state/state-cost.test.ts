import { describe, expect, test } from 'bun:test';
import { measureStateCost } from './state-cost.ts';

describe('sixteen instances before 64 backends with 500 models', () => {
  test('cost each of them little while nothing happens', async () => {
    const { share, bytesPerSecond, instances } = await measureStateCost('idle', 10);
    expect(instances).toBe(16);
    expect(bytesPerSecond).toBeLessThan(15_000);
    expect(share).toBeLessThan(0.02);
  }, 40_000);

  test('cost each of them not much more under load', async () => {
    const { share, bytesPerSecond, instances } = await measureStateCost('loaded', 10);
    expect(instances).toBe(16);
    expect(bytesPerSecond).toBeLessThan(250_000);
    expect(share).toBeLessThan(0.02);
  }, 40_000);
});
