import { describe, expect, test } from 'bun:test';
import {
  closedPair,
  eligibleAt,
  hostAnswered,
  hostFailed,
  pairAbsent,
  pairBusy,
  pairFailed,
  pairSucceeded,
  unknownHost,
} from '../../src/core/health.ts';

const settings = { failures: 3, openMs: 5000, maxOpenMs: 20_000 };
const failure = { weight: 1, reason: 'crashed' };

describe('host health', () => {
  test('a host never heard from is down at its first failure', () => {
    expect(hostFailed(unknownHost, 'connection refused')).toEqual({
      state: 'down',
      failures: 1,
      reason: 'connection refused',
    });
  });

  test('a host that was up survives one failure and not two', () => {
    const once = hostFailed(hostAnswered(unknownHost), 'reset');
    expect(once.state).toBe('up');
    expect(hostFailed(once, 'reset').state).toBe('down');
  });

  test('one answer brings a host back and clears its count', () => {
    const down = hostFailed(hostFailed(hostAnswered(unknownHost), 'a'), 'b');
    expect(hostAnswered(down)).toEqual({ state: 'up', failures: 0 });
  });
});

describe('pair health', () => {
  const failed = (times: number, now = 0) => {
    let pair = closedPair;
    for (let count = 0; count < times; count += 1) pair = pairFailed(pair, failure, settings, now);
    return pair;
  };

  test('the third failure in a row opens the pair', () => {
    expect(failed(2).openUntil).toBe(0);
    expect(failed(3).openUntil).toBe(5000);
  });

  test('a heavy failure counts for two', () => {
    expect(pairFailed(failed(1), { weight: 2, reason: 'runner died' }, settings, 0).openUntil).toBe(5000);
  });

  test('each further opening is twice as long, up to the limit', () => {
    expect([4, 5, 6].map((times) => failed(times).openUntil)).toEqual([10_000, 20_000, 20_000]);
  });

  test('one success closes the pair and forgets its history', () => {
    expect(pairSucceeded(failed(5))).toEqual(closedPair);
  });

  test('absent and busy end by themselves', () => {
    const pair = pairBusy(pairAbsent(closedPair, 1000), 1000);
    expect(eligibleAt(pair, 1000)).toBe(61_000);
    expect(eligibleAt(pair, 70_000)).toBe(70_000);
  });
});
