import { describe, expect, test } from 'bun:test';
import { noKnowledge } from '../../src/core/cluster/knowledge.ts';
import { staleMs } from '../../src/core/cluster/members.ts';
import type { BreakerFact } from '../../src/core/cluster/shared-breaker.ts';
import { emptyHead } from '../core/cluster/empty-head.ts';
import type { SharedHost, SharedPair, SharedTrial } from './cluster-facts.ts';
import { createClusterInvariants } from './cluster-invariants.ts';
import type { Peer } from './cluster-peer.ts';
import type { Attempt } from './watched-network.ts';

const closed: BreakerFact = { epoch: 1, phase: 'closed', openings: 0, until: 0 };
const open: BreakerFact = { epoch: 1, phase: 'open', openings: 1, until: 9_000 };

const host = (more: Partial<SharedHost> = {}): SharedHost => ({
  id: 'h',
  inflight: 0,
  slots: 2,
  elsewhere: 0,
  isDown: false,
  loading: undefined,
  ...more,
});

const pair = (more: Partial<SharedPair> = {}): SharedPair => ({
  host: 'h',
  model: 'm',
  breaker: closed,
  pin: undefined,
  isHot: true,
  closedFor: undefined,
  ...more,
});

const trial: SharedTrial = { host: 'h', model: 'm', ticket: 2 };
const noTrials: readonly SharedTrial[] = [];

/** One instance whose facts a test sets as it goes. */
const instance = (name: string) => {
  const now = {
    hosts: [host()],
    pairs: [pair()],
    knowledge: noKnowledge,
    trials: noTrials,
    quota: { perMinute: 10, capacity: 10, count: 0 },
    inTouchSince: -Infinity,
  };
  const peer: Peer = {
    name,
    shared: {
      hosts: () => now.hosts,
      trials: () => now.trials,
      pairs: () => now.pairs,
      knowledge: () => now.knowledge,
      quota: () => now.quota,
    },
    isTrial: () => now.trials.length > 0,
    inTouchSince: () => now.inTouchSince,
  };
  return { now, peer };
};

const bench = () => {
  const [one, two] = [instance('one.0'), instance('two.0')];
  const living = [one.peer, two.peer];
  const time = { now: 20_000 };
  const rules = createClusterInvariants({ now: () => time.now, peers: () => living, latestWriteMs: 0 });
  const attempt = ({ peer }: typeof one): Attempt => {
    const made: Attempt = {
      requestId: 'r',
      host: 'h',
      model: 'm',
      startedAt: time.now,
      endedAt: undefined,
      status: undefined,
      contentType: '',
      chunks: [],
      text: '',
    };
    rules.attempt({ peer, attempt: made });
    return made;
  };
  const sampleFor = (ms: number): void => {
    for (const end = time.now + ms; time.now < end; time.now += 250) rules.sample();
  };
  return { one, two, living, time, rules, attempt, sampleFor };
};

describe('each rule between instances sees its own breach', () => {
  test('two that try a pair at once, unless one of them cannot have heard of the other', () => {
    for (const [inTouchSince, afterMs, count] of [
      [-Infinity, 800, 1],
      [-Infinity, 700, 0],
      [30_000, 800, 0],
    ] as const) {
      const { one, two, time, rules, attempt } = bench();
      two.now.inTouchSince = inTouchSince;
      one.now.trials = [trial];
      attempt(one);
      time.now += afterMs;
      two.now.trials = [trial];
      attempt(two);
      expect(rules.breaches.filter((line) => line.startsWith('I4'))).toHaveLength(count);
    }
  });

  test('two that try a pair, however late their calls go out', () => {
    for (const [apartMs, count] of [
      [700, 0],
      [800, 1],
    ] as const) {
      const { one, two, time, rules, attempt } = bench();
      one.now.trials = [trial];
      rules.turn();
      time.now += apartMs;
      two.now.trials = [trial];
      rules.turn();
      time.now += 5_000;
      attempt(two);
      expect(rules.breaches.filter((line) => line.startsWith('I4'))).toHaveLength(count);
    }
  });

  test('more than the limit of a key gives, but for a bucket of each and of one that was on its own', () => {
    for (const [times, isAlone, count] of [
      [21, false, 0],
      [22, false, 1],
      [22, true, 0],
    ] as const) {
      const { one, two, rules } = bench();
      for (let turn = 0; turn < times; turn += 1) {
        if (isAlone && turn === 10) two.now.inTouchSince = Infinity;
        rules.arrived({ peer: one.peer, key: 'caller', passed: true });
      }
      rules.quiet();
      expect(rules.breaches.filter((line) => line.startsWith('I13'))).toHaveLength(count);
    }
  });

  test('a key that is turned away although it left room, unless one may not know that', () => {
    for (const [uses, inTouchSince, count] of [
      [4, -Infinity, 1],
      [10, -Infinity, 0],
      [4, 0, 0],
    ] as const) {
      const { one, two, rules } = bench();
      two.now.inTouchSince = inTouchSince;
      for (let turn = 0; turn < uses; turn += 1)
        rules.arrived({ peer: one.peer, key: 'caller', passed: true });
      rules.arrived({ peer: two.peer, key: 'caller', passed: false });
      expect(rules.breaches).toHaveLength(count);
    }
  });

  test('a trial after one that has ended is none', () => {
    const { one, two, time, rules, attempt } = bench();
    one.now.trials = [trial];
    attempt(one);
    one.now.trials = [];
    time.now += 5_000;
    two.now.trials = [{ ...trial, ticket: 3 }];
    attempt(two);
    expect(rules.breaches).toEqual([]);
  });

  test('two that load the same', () => {
    const { one, two, time, rules } = bench();
    one.now.hosts = [host({ loading: { model: 'm', startedAt: 19_000 } })];
    two.now.hosts = [host({ loading: { model: 'other', startedAt: 19_500 } })];
    rules.turn();
    expect(rules.breaches).toEqual([]);
    two.now.hosts = [host({ loading: { model: 'm', startedAt: time.now } })];
    rules.turn();
    expect(rules.breaches).toEqual(['I5 at 20000 ms: two.0 and one.0 both load m on h']);
  });

  test('more than the slots of a host, where it could be known', () => {
    for (const [afterMs, count] of [
      [500, 0],
      [1_500, 1],
    ] as const) {
      const { one, two, time, rules } = bench();
      one.now.hosts = [host({ inflight: 2 })];
      rules.turn();
      time.now += afterMs;
      two.now.hosts = [host({ inflight: 1 })];
      rules.turn();
      expect(rules.breaches.filter((line) => line.startsWith('I2'))).toHaveLength(count);
    }
  });

  test('one that holds for sound what the other has set aside', () => {
    const { one, rules, sampleFor } = bench();
    sampleFor(2_000);
    one.now.pairs = [pair({ breaker: open })];
    sampleFor(1_250);
    expect(rules.breaches).toEqual([]);
    sampleFor(1_000);
    expect(rules.breaches[0]).toStartWith('I8');
  });

  test('a pin that the other does not keep, and one let go for nothing', () => {
    const { one, rules, sampleFor } = bench();
    one.now.pairs = [pair({ pin: { until: 90_000, times: 1 } })];
    sampleFor(2_000);
    expect(rules.breaches[0]).toContain('one.0 keeps m on h away, two.0 does not');
    one.now.pairs = [pair()];
    sampleFor(500);
    expect(rules.breaches.at(-1)).toContain('one.0 let go of the pin of m on h for nothing');
  });

  test('a pin that ends by its time, by an answer or with the host is let go', () => {
    for (const fact of ['time', 'answer', 'restart'] as const) {
      const { one, two, rules, attempt, sampleFor } = bench();
      const pin = { until: fact === 'time' ? 21_000 : 90_000, times: 1 };
      for (const { now } of [one, two]) now.pairs = [pair({ pin })];
      sampleFor(2_000);
      if (fact === 'answer') attempt(one).chunks.push(new Uint8Array(1));
      if (fact === 'restart') rules.restarted('h');
      for (const { now } of [one, two]) now.pairs = [pair()];
      sampleFor(500);
      expect(rules.breaches).toEqual([]);
    }
  });

  test('a load that may not fit while another uses the host', () => {
    const { one, two, time, rules, attempt } = bench();
    attempt(one);
    time.now += 1_500;
    two.now.pairs = [pair({ isHot: false, pin: { until: 5_000, times: 1 } })];
    attempt(two);
    expect(rules.breaches[0]).toStartWith('I15');
  });

  test('a host or a pair that stays closed after all faults, but not one that failed since', () => {
    const { one, two, rules, attempt, sampleFor } = bench();
    one.now.hosts = [host({ isDown: true })];
    two.now.pairs = [pair({ closedFor: 'set aside, open' })];
    rules.revived(10_000, new Set());
    expect(rules.breaches.map((line) => line.slice(0, 3))).toEqual(['I10', 'I10']);
    one.now.hosts = [host()];
    attempt(two).endedAt = 20_000;
    sampleFor(500);
    rules.revived(10_000, new Set());
    expect(rules.breaches).toHaveLength(2);
  });

  test('a host that is gone is held for down by all', () => {
    const { one, two, rules } = bench();
    for (const { now } of [one, two]) now.hosts = [host({ isDown: true })];
    rules.revived(10_000, new Set(['h']));
    expect(rules.breaches).toEqual([]);
    two.now.hosts = [host()];
    rules.revived(10_000, new Set(['h']));
    expect(rules.breaches).toEqual(['I10 at 20000 ms: two.0 holds h for up, and it is gone']);
  });

  test('a crash that ends the stream of another, and one that is counted for too long', () => {
    const { one, two, living, time, rules, attempt, sampleFor } = bench();
    const stream = attempt(two);
    rules.crashes(one.peer);
    living.shift();
    stream.endedAt = time.now;
    rules.turn();
    expect(rules.breaches[0]).toContain('r of two.0 ended with another instance');
    const head = { ...emptyHead, boot: 'one.0-2', sequence: 9 };
    two.now.knowledge = { ...noKnowledge, heads: new Map([['one', head]]) };
    sampleFor(staleMs + 1_000);
    expect(rules.breaches).toHaveLength(1);
    sampleFor(500);
    expect(rules.breaches[1]).toContain('two.0 still counts one.0, which is gone');
    two.now.knowledge = noKnowledge;
    two.now.hosts = [host({ elsewhere: 1 })];
    sampleFor(250);
    expect(rules.breaches.at(-1)).toContain('two.0 counts 1 in flight on h of nobody');
  });
});
