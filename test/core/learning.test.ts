import { describe, expect, test } from 'bun:test';
import type { Candidate } from '../../src/core/candidate.ts';
import { expectedFinish } from '../../src/core/estimate.ts';
import { plan } from '../../src/core/plan.ts';
import { policies } from '../../src/core/policies.ts';
import { neutralRates, observe, overdue, type PairRates } from '../../src/core/rates.ts';
import { ask, candidate } from './candidates.ts';

interface Running {
  readonly startedAt: number;
  readonly firstAt: number;
  readonly endsAt: number;
  readonly expectedMs: number;
  readonly expectedFirstMs: number;
}

interface Machine {
  readonly backend: string;
  prefill: number;
  decode: number;
  rates: PairRates;
  running: Running[];
}

const request = ask({ inputTokens: 500, outputTokens: 100 });
const slots = 4;
const stepMs = 250;

const asCandidate = ({ backend, rates, running }: Machine): Candidate =>
  candidate({ backend, rates, slots, inflight: running.length });

/** What ended is learned from, what runs late warns. */
const settle = (machine: Machine, now: number): void => {
  for (const each of machine.running) {
    if (each.endsAt > now) {
      machine.rates = overdue(machine.rates, each.expectedMs, now - each.startedAt, now);
      continue;
    }
    const seen = {
      inputTokens: request.inputTokens,
      cachedTokens: 0,
      outputTokens: request.outputTokens,
      firstTokenMs: each.firstAt - each.startedAt,
      durationMs: each.endsAt - each.startedAt,
      expectedMs: each.expectedFirstMs,
      concurrency: 1,
      cold: false,
      whole: true,
      timings: undefined,
    };
    machine.rates = observe(machine.rates, seen, now);
  }
  machine.running = machine.running.filter(({ endsAt }) => endsAt > now);
};

/** Sends a request a second for a while, and counts who was sent how many. */
const play = (machines: readonly Machine[], fromMs: number, untilMs: number): Record<string, number> => {
  const sent: Record<string, number> = {};
  for (let now = fromMs; now < untilMs; now += stepMs) {
    for (const machine of machines) settle(machine, now);
    if (now % 1000 !== 0) continue;
    const candidates = machines.map(asCandidate);
    const first = plan(request, { now, candidates }, policies.expected_finish, now / 1000).attempts[0]
      ?.candidate;
    const machine = machines.find(({ backend }) => backend === first?.backend);
    if (first === undefined || machine === undefined) continue;
    const { totalMs, firstTokenMs } = expectedFinish(request, first, now);
    const firstAt = now + (request.inputTokens * 1000) / machine.prefill;
    const endsAt = firstAt + ((request.outputTokens - 1) * 1000) / machine.decode;
    const running = { startedAt: now, firstAt, endsAt, expectedMs: totalMs, expectedFirstMs: firstTokenMs };
    machine.running.push(running);
    sent[machine.backend] = (sent[machine.backend] ?? 0) + 1;
  }
  return sent;
};

const machines = (): readonly [Machine, Machine] => [
  { backend: 'a', prefill: 1000, decode: 50, rates: neutralRates('gpu', 5e9), running: [] },
  { backend: 'b', prefill: 1000, decode: 50, rates: neutralRates('gpu', 5e9), running: [] },
];

describe('a fleet that learns from its traffic', () => {
  test('two equal hosts share the work', () => {
    const sent = play(machines(), 0, 120_000);
    expect(Math.abs((sent.a ?? 0) - (sent.b ?? 0))).toBeLessThan(40);
  });

  test('of a host that writes ten times slower four fifths of the traffic move away within 30 s', () => {
    const fleet = machines();
    play(fleet, 0, 60_000);
    fleet[0].decode = 5;
    play(fleet, 60_000, 90_000);
    const { a = 0, b = 0 } = play(fleet, 90_000, 150_000);
    expect(b / (a + b)).toBeGreaterThanOrEqual(0.8);
  });

  test('a host that hangs is avoided before any of its requests has ended', () => {
    const fleet = machines();
    play(fleet, 0, 60_000);
    fleet[0].prefill = 0.001;
    play(fleet, 60_000, 75_000);
    const { a = 0, b = 0 } = play(fleet, 75_000, 135_000);
    expect(b / (a + b)).toBeGreaterThanOrEqual(0.95);
  });

  test('a host that is fast again is found again', () => {
    const fleet = machines();
    play(fleet, 0, 60_000);
    fleet[0].decode = 5;
    play(fleet, 60_000, 120_000);
    fleet[0].decode = 50;
    fleet[1].decode = 10;
    play(fleet, 120_000, 240_000);
    const { a = 0, b = 0 } = play(fleet, 240_000, 300_000);
    expect(a / (a + b)).toBeGreaterThanOrEqual(0.6);
  });

  test('a faster host that was assumed to be like the others gets most of the work', () => {
    const fleet = machines();
    fleet[0].decode = 100;
    fleet[0].prefill = 3000;
    play(fleet, 0, 120_000);
    const { a = 0, b = 0 } = play(fleet, 120_000, 180_000);
    expect(a / (a + b)).toBeGreaterThanOrEqual(0.9);
  });
});
