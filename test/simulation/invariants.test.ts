import { describe, expect, test } from 'bun:test';
import type { CallResult } from '../../src/simulation/caller.ts';
import { createVirtualClock, type VirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { GatewayFacts, HostFacts } from './gateway-facts.ts';
import { createInvariants, type Invariants } from './invariants.ts';
import { createStoppableClock } from './stoppable-clock.ts';
import type { Attempt } from './watched-network.ts';

const result: CallResult = {
  end: 'done',
  status: 200,
  text: '',
  deltas: 0,
  complete: true,
  error: undefined,
  sentAt: 0,
  firstContentAt: 1,
  endedAt: 2,
  backend: 'a',
  attempts: 1,
  queueMs: 0,
};

const attempt = (host: string, more: Partial<Attempt> = {}): Attempt => ({
  requestId: 'r',
  host,
  model: 'm',
  startedAt: 0,
  endedAt: 0,
  status: 200,
  contentType: '',
  chunks: [],
  text: '',
  ...more,
});

const settled = (outcome: string, queueMs = 0) => ({
  requestId: 'r',
  outcome,
  backend: 'a',
  code: '200',
  queueMs,
  failedAttempts: 0,
});

interface Bench {
  readonly rules: Invariants;
  readonly world: VirtualClock;
}

const bench = (
  given: {
    hosts?: readonly HostFacts[];
    barred?: string;
    trial?: boolean;
    open?: number;
    guarded?: boolean;
  } = {},
): Bench => {
  const world = createVirtualClock();
  const facts: GatewayFacts = {
    hosts: () => given.hosts ?? [],
    waiting: () => 0,
    running: () => 0,
    barred: () => given.barred,
    isTrial: () => given.trial ?? false,
  };
  const rules = createInvariants({
    clock: createStoppableClock(world),
    facts: () => facts,
    network: () => ({
      fetch: () => Promise.reject(new Error('no network')),
      attempts: [],
      open: () => given.open ?? 0,
      heardAt: () => -1,
      lie: () => undefined,
    }),
    limits: { maxAttempts: 2, maxWaitMs: 1000 },
    guarded: given.guarded ?? false,
  });
  rules.asked('r');
  return { rules, world };
};

const said = ({ rules }: Bench): string => rules.breaches.map((line) => line.split(' ')[0]).join(' ');

describe('each invariant sees its own breach', () => {
  test('nothing is said of a request that ends as it should', () => {
    const given = bench({ hosts: [{ id: 'a', inflight: 0, slots: 1 }] });
    given.rules.attempt(attempt('a'));
    given.rules.turn();
    given.rules.settled(settled('done'));
    given.rules.ended('r', result);
    given.rules.quiet();
    expect(given.rules.breaches).toEqual([]);
  });

  test('an end told twice', () => {
    const given = bench();
    given.rules.settled(settled('done'));
    given.rules.settled(settled('done'));
    expect(said(given)).toBe('I1');
  });

  test('an end that never comes', () => {
    const given = bench();
    given.rules.quiet();
    expect(said(given)).toBe('I1');
  });

  test('an end the two sides tell differently', () => {
    const given = bench();
    given.rules.settled(settled('broken'));
    given.rules.ended('r', result);
    given.rules.quiet();
    expect(said(given)).toBe('I1');
  });

  test.each([
    ['fewer than no requests', { id: 'a', inflight: -1, slots: 1 }, 0],
    ['more requests than slots', { id: 'a', inflight: 2, slots: 1 }, 0],
    ['a call without a slot', { id: 'a', inflight: 0, slots: 1 }, 1],
  ])('%s', (_name, host, open) => {
    const given = bench({ hosts: [host], open });
    given.rules.turn();
    expect(said(given)).toBe('I2');
  });

  test('a slot still held when all is quiet', () => {
    const given = bench({ hosts: [{ id: 'a', inflight: 1, slots: 1 }] });
    given.rules.settled(settled('done'));
    given.rules.ended('r', result);
    given.rules.quiet();
    expect(said(given)).toBe('I2');
  });

  test('a call to a host that is set aside', () => {
    const given = bench({ barred: 'set aside' });
    given.rules.attempt(attempt('a'));
    expect(said(given)).toBe('I3');
  });

  test('a second trial of a pair while the first has said nothing', () => {
    const given = bench({ trial: true });
    given.rules.asked('s');
    given.rules.attempt(attempt('a', { endedAt: undefined, status: undefined }));
    given.rules.attempt(attempt('a', { requestId: 's' }));
    expect(said(given)).toBe('I4');
  });

  test('the same host twice, two hosts at once, and more attempts than allowed', () => {
    const again = bench();
    again.rules.attempt(attempt('a'));
    again.rules.attempt(attempt('a'));
    expect(said(again)).toBe('I6');
    const both = bench();
    both.rules.attempt(attempt('a', { endedAt: undefined }));
    both.rules.attempt(attempt('b'));
    expect(said(both)).toBe('I6');
    const many = bench();
    for (const host of ['a', 'b', 'c']) many.rules.attempt(attempt(host));
    expect(said(many)).toBe('I6');
  });

  test('a second start after content', () => {
    const given = bench();
    given.rules.attempt(attempt('a'));
    given.rules.content('r');
    given.rules.attempt(attempt('b'));
    expect(said(given)).toBe('I7');
  });

  test('a text that no host said, and one that is not all of it', () => {
    const line = (content: string) =>
      new TextEncoder().encode(`${JSON.stringify({ message: { content }, done: false })}\n`);
    const stream = { contentType: 'application/x-ndjson', chunks: [line('one '), line('two')] };
    const other = bench();
    other.rules.attempt(attempt('a', stream));
    other.rules.ended('r', { ...result, end: 'cut', text: 'two' });
    expect(said(other)).toBe('I7');
    const short = bench();
    short.rules.attempt(attempt('a', stream));
    short.rules.ended('r', { ...result, text: 'one ' });
    expect(said(short)).toBe('I7');
  });

  test('a wait longer than was promised', () => {
    const given = bench();
    given.rules.settled(settled('done', 2001));
    expect(said(given)).toBe('I12');
  });

  test('work for a caller who left', async () => {
    const given = bench();
    given.rules.attempt(attempt('a', { endedAt: undefined }));
    given.rules.left('r');
    await given.world.advance(49);
    expect(given.rules.breaches).toEqual([]);
    await given.world.advance(2);
    expect(said(given)).toBe('I14');
  });

  test('a loss although a host was sound', () => {
    const given = bench({ guarded: true });
    given.rules.ended('r', { ...result, end: 'refused', status: 503, firstContentAt: undefined });
    expect(said(given)).toBe('lost');
  });
});
