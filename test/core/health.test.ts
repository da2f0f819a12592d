import { describe, expect, test } from 'bun:test';
import { admits, settingAside } from '../../src/core/breaker.ts';
import type { HostHealth, PairHealth } from '../../src/core/candidate.ts';
import {
  eligibleAt,
  healthyPair,
  hostAnswered,
  hostFailed,
  hostOutOfMemory,
  maySend,
  pairAbsent,
  pairBusy,
  pairCanceled,
  pairFailed,
  pairLimited,
  pairPinned,
  pairRefused,
  pairReleased,
  pairStarted,
  pairSucceeded,
  ticketOf,
  unknownHost,
} from '../../src/core/health.ts';
import { breakerSettings, noJitter } from './health-candidates.ts';

describe('host health', () => {
  const up = hostAnswered(unknownHost);
  const lost = (host: HostHealth, now: number) => hostFailed(host, { by: 'request', reason: 'reset' }, now);
  const missed = (host: HostHealth, now: number) =>
    hostFailed(host, { by: 'check', reason: 'no answer' }, now);

  test('a host never heard from is down at its first failure', () => {
    expect(lost(unknownHost, 7)).toEqual({ state: 'down', failures: 1, failedAt: 7, reason: 'reset' });
  });

  test('a host that was up survives one failure and not two', () => {
    expect(lost(up, 0).state).toBe('up');
    expect(lost(lost(up, 0), 0).state).toBe('down');
    expect(missed(lost(up, 0), 60_000).state).toBe('down');
  });

  test('two lost connections are in a row only within ten seconds, two missed checks always', () => {
    expect(lost(lost(up, 0), 10_000).state).toBe('down');
    expect(lost(lost(up, 0), 10_001).state).toBe('up');
    expect(lost(lost(lost(up, 0), 10_001), 20_000).state).toBe('down');
    expect(missed(missed(up, 0), 300_000).state).toBe('down');
  });

  test('one answer brings a host back and clears its count', () => {
    expect(hostAnswered(lost(lost(up, 0), 0))).toEqual({ state: 'up', failures: 0 });
    expect(hostAnswered(up)).toBe(up);
  });

  test('neither an answer nor a failure relieves a host that is short of memory', () => {
    const pressed = hostOutOfMemory(up, 'm', 5);
    expect(hostAnswered(lost(pressed, 6)).pressure).toEqual({ recent: [{ upstream: 'm', at: 5 }], until: 0 });
    expect(hostAnswered(pressed)).toBe(pressed);
  });
});

describe('pair health', () => {
  const failed = (times: number, from: PairHealth = healthyPair, now = 0) => {
    let pair = from;
    for (let count = 0; count < times; count += 1) {
      const failure = { ticket: ticketOf(pair), weight: 1, reason: 'crashed' };
      pair = pairFailed(pair, failure, breakerSettings, now, noJitter);
    }
    return pair;
  };

  test('the third failure in a row sets the pair aside', () => {
    expect(eligibleAt(failed(2), 0)).toBe(0);
    expect(eligibleAt(failed(3), 0)).toBe(5_000);
  });

  test('a probe takes the place, and gives it back whatever it came to', () => {
    const probing = pairStarted(failed(3));
    const ticket = ticketOf(probing);
    expect(admits(probing.breaker, 5_000)).toBe('no');
    expect(admits(pairCanceled(probing, ticket).breaker, 5_000)).toBe('probe');
    expect(admits(pairSucceeded(probing, { ticket }, 5_000).breaker, 5_000)).toBe('probe');
    expect(eligibleAt(failed(1, probing, 5_000), 5_000)).toBe(15_000);
  });

  test('a trial that waited is sent while it is the trial, and not when another instance set the pair aside', () => {
    const probing = pairStarted(failed(3));
    const ticket = ticketOf(probing);
    expect(maySend(unknownHost, probing, ticket, 5_000)).toBe(true);
    expect(maySend(unknownHost, probing, ticket - 1, 5_000)).toBe(false);
    const told = { epoch: ticket, openings: 2, until: 20_000, elsewhere: false, staggerMs: 1_000 };
    const overtaken = { ...probing, breaker: settingAside(probing.breaker, told) };
    expect(maySend(unknownHost, overtaken, ticket, 5_000)).toBe(false);
    expect(admits(pairCanceled(overtaken, ticket).breaker, 20_000)).toBe('probe');
  });

  test('a request to a pair that is well changes nothing until it ends', () => {
    expect(pairStarted(healthyPair)).toBe(healthyPair);
    expect(pairCanceled(healthyPair, ticketOf(healthyPair))).toBe(healthyPair);
  });

  test('content ends what was held against the pair, but not what another request heard of its places', () => {
    const blamed = pairBusy(pairRefused(pairAbsent(pairPinned(healthyPair, {}, 0), 0), 0), 0, noJitter);
    const pair = pairSucceeded(failed(2, blamed), { ticket: ticketOf(blamed) }, 100);
    expect(eligibleAt(pair, 100)).toBe(1_000);
    expect(pair.pin).toBeUndefined();
    expect(eligibleAt(failed(2, pair), 2_000)).toBe(2_000);
  });

  test('content with a short context does not end the pin of a long one', () => {
    const pair = pairPinned(healthyPair, { contextTokens: 8_192 }, 0);
    const success = { ticket: ticketOf(pair), contextTokens: 2_048 };
    expect(pairSucceeded(pair, success, 1).pin).toBe(pair.pin);
  });

  test.each([
    ['absent', (pair: PairHealth) => pairAbsent(pair, 1_000), 61_000],
    ['refused', (pair: PairHealth) => pairRefused(pair, 1_000), 61_000],
    ['pinned', (pair: PairHealth) => pairPinned(pair, {}, 1_000), 601_000],
    ['busy, at the shortest', (pair: PairHealth) => pairBusy(pair, 1_000, 0), 1_500],
    ['busy, at the longest', (pair: PairHealth) => pairBusy(pair, 1_000, 1), 2_500],
    ['limited', (pair: PairHealth) => pairLimited(pair, undefined, 1_000), 2_000],
    ['limited for a time', (pair: PairHealth) => pairLimited(pair, 7_000, 1_000), 8_000],
    ['limited for too short a time', (pair: PairHealth) => pairLimited(pair, 0, 1_000), 2_000],
    ['limited for too long a time', (pair: PairHealth) => pairLimited(pair, 9e9, 1_000), 301_000],
  ])('%s ends by itself', (_what, flagged, until) => {
    expect(eligibleAt(flagged(healthyPair), 1_000)).toBe(until);
    expect(eligibleAt(flagged(healthyPair), until + 5)).toBe(until + 5);
  });

  test('a shorter time never cuts a longer one', () => {
    const pair = pairLimited(healthyPair, 60_000, 0);
    expect(eligibleAt(pairBusy(pair, 0, noJitter), 0)).toBe(60_000);
    expect(eligibleAt(pairLimited(pair, 2_000, 0), 0)).toBe(60_000);
  });

  test('a limit without a time doubles each time it is met again, up to a minute, and a success ends that', () => {
    let pair = healthyPair;
    let now = 0;
    const waits: number[] = [];
    for (let count = 0; count < 8; count += 1) {
      pair = pairLimited(pairLimited(pair, undefined, now), undefined, now);
      waits.push(eligibleAt(pair, now) - now);
      now = eligibleAt(pair, now);
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
    const during = pairSucceeded(pair, { ticket: ticketOf(pair) }, now - 1);
    expect(eligibleAt(pairLimited(during, undefined, now), now)).toBe(now + 60_000);
    const served = pairSucceeded(pair, { ticket: ticketOf(pair) }, now);
    expect(eligibleAt(pairLimited(served, undefined, now), now)).toBe(now + 1_000);
  });

  test('a pin can be lifted by hand', () => {
    const pair = pairPinned(healthyPair, {}, 0);
    expect(pairReleased(pair)).toEqual(healthyPair);
    expect(pairReleased(healthyPair)).toBe(healthyPair);
    expect(pairPinned(pair, {}, 1)).toBe(pair);
  });
});
