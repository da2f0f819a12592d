/** A world drawn by seed: hosts, callers, and everything that will go wrong, and when. */

import { checkFleet, checkLoad, type FleetFile } from '../../src/config/simulation-files.ts';
import { type PolicyName, policyNames } from '../../src/core/policies.ts';
import { policyProblem } from '../../src/core/policy-problems.ts';
import { type DrawnLoad, drawLoad } from '../../src/simulation/load.ts';
import { type Fault, faultNames } from '../../src/simulator/faults.ts';
import { createSeededRandom } from '../../src/simulator/seeded-random.ts';
import type { Json } from '../../src/spec/json.ts';
import type { Random } from '../../src/spec/ports.ts';

/** Something that goes wrong at a moment. */
export type Mishap = { readonly at: number; readonly host: string } & (
  | { readonly what: 'fault'; readonly fault: Fault }
  | { readonly what: 'kill'; readonly forMs: number }
  | { readonly what: 'slow'; readonly factor: number; readonly forMs: number }
  /** Its list of loaded models is wrong: all of them, or none. */
  | { readonly what: 'lie'; readonly tells: 'everything' | 'nothing'; readonly forMs: number }
);

export interface HostilePlan {
  readonly seed: number;
  readonly fleet: FleetFile;
  readonly strategy: string;
  readonly load: DrawnLoad;
  readonly mishaps: readonly Mishap[];
  /** The process stands still: nothing of Pointsman runs, time passes. */
  readonly pauses: readonly { readonly at: number; readonly forMs: number }[];
  /** Somebody sets the wall clock. */
  readonly steps: readonly { readonly at: number; readonly byMs: number }[];
  /** One host stays sound and has room for all: then nothing may be lost before its first content. */
  readonly guardian: string | undefined;
}

const models = ['alpha=2GiB', 'beta=5GiB', 'gamma=9GiB'];

const within = (low: number, high: number, random: Random): number => low + (high - low) * random();
const whole = (low: number, high: number, random: Random): number =>
  Math.floor(within(low, high + 1, random));
const one = <T>(list: readonly [T, ...T[]], random: Random): T =>
  list[Math.floor(random() * list.length)] ?? list[0];

const some = (list: readonly string[], random: Random): string[] => {
  const chosen = list.filter(() => random() < 0.7);
  return chosen.length > 0 ? chosen : list.slice(0, 1);
};

const speed = (random: Random): { readonly [key: string]: Json } => ({
  prefillTokensPerSecond: Math.round(within(200, 4000, random)),
  decodeTokensPerSecond: Math.round(within(8, 120, random)),
  loadBytesPerSecond: `${whole(1, 8, random)}GiB`,
  sharing: within(0, 0.9, random),
});

const drawHost = (random: Random): { readonly [key: string]: Json } => {
  const kind = one(['ollama', 'ollama', 'ollama', 'docker-model-runner', 'openai-compatible'], random);
  const preset = one(['llama.cpp', 'vllm', 'lm-studio'], random);
  const listed = some(models, random);
  return {
    kind,
    ...(kind === 'openai-compatible' ? { preset } : {}),
    lane: one(['gpu', 'cpu', 'container'], random),
    slots: whole(1, 3, random),
    vram: `${whole(10, 24, random)}GiB`,
    contextTokens: 4096,
    roundTripMs: random() < 0.3 ? Math.round(within(1, 80, random)) : 0,
    rates: speed(random),
    models: listed,
    backend: { region: one(['north', 'south'], random) },
  };
};

const guardianHost = {
  kind: 'ollama',
  slots: 12,
  vram: '64GiB',
  contextTokens: 4096,
  rates: { prefillTokensPerSecond: 4000, decodeTokensPerSecond: 100, loadBytesPerSecond: '8GiB', sharing: 0 },
  models,
};

/** What the guardian needs at the most, its load and a pause of the process included. */
const guardianMs = 30_000;

const drawTimeouts = (guarded: 'guarded' | 'unguarded', random: Random): Json => {
  const headersMs = whole(500, 5000, random);
  const firstContentMs = whole(8000, 60_000, random);
  const betweenChunksMs = whole(2000, 20_000, random);
  // The last host there is would be waited for without end.
  const totalMs = whole(60_000, 200_000, random);
  // Two hosts that say nothing may come first, and whoever allows no time for a third is not promised one.
  const leastMs = guarded === 'guarded' ? 2 * firstContentMs + guardianMs : 0;
  return { headersMs, firstContentMs, betweenChunksMs, totalMs: Math.max(leastMs, totalMs) };
};

const drawFleet = (guarded: 'guarded' | 'unguarded', random: Random): Json => {
  const hosts: Record<string, Json> = {};
  const others = whole(1, guarded === 'guarded' ? 2 : 4, random);
  for (let index = 1; index <= others; index += 1) hosts[`host-${index}`] = drawHost(random);
  if (guarded === 'guarded') hosts.guardian = guardianHost;
  const patient = guarded === 'guarded';
  return {
    hosts,
    settings: {
      maxAttempts: patient ? 3 : whole(1, 3, random),
      timeouts: drawTimeouts(guarded, random),
      heartbeat: { afterMs: one([0, 1000, 8000], random), everyMs: 5000 },
      queue: {
        maxRequests: patient ? 1000 : whole(0, 60, random),
        maxWaitMs: patient ? 600_000 : whole(500, 60_000, random),
      },
      probe: { intervalMs: whole(1000, 8000, random), timeoutMs: whole(300, 1500, random) },
      breaker: { failures: whole(1, 4, random), openMs: whole(500, 8000, random), maxOpenMs: 30_000 },
    },
  };
};

const drawClasses = (random: Random): Json => ({
  classes: {
    stream: {
      share: 3,
      protocol: one(['ollama', 'openai-chat'], random),
      models: { alpha: 3, beta: 2, gamma: 1 },
      promptTokens: { median: 40, p95: 400, max: 1000 },
      answerTokens: { median: 10, p95: 30, max: 60 },
      turns: one([1, 1, { median: 2, p95: 4, max: 5 }], random),
      thinkSeconds: { median: 2, p95: 10 },
      leaves: random() < 0.7 ? 0.15 : 0,
      leavesAfterSeconds: { median: 0.5, p95: 10 },
    },
    whole: {
      share: 1,
      stream: false,
      protocol: one(['ollama', 'openai-chat'], random),
      models: { alpha: 1, beta: 1 },
      promptTokens: { median: 40, p95: 200, max: 500 },
      answerTokens: { median: 8, p95: 20, max: 40 },
      leaves: random() < 0.5 ? 0.1 : 0,
      leavesAfterSeconds: { median: 0.5, p95: 10 },
    },
  },
});

const drawFault = (forMs: number, random: Random): Fault => {
  const fault = one(faultNames, random);
  return {
    fault,
    forMs,
    ...(random() < 0.6 ? { after: whole(0, 8, random) } : {}),
    ...(random() < 0.5 ? { count: whole(1, 5, random) } : {}),
    ...(random() < 0.2 ? { model: one(['alpha', 'beta', 'gamma'], random) } : {}),
  };
};

const drawMishap = (host: string, durationMs: number, random: Random): Mishap => {
  const at = within(0, durationMs, random);
  const forMs = Math.round(within(500, 30_000, random));
  const kind = random();
  if (kind < 0.65) return { at, host, what: 'fault', fault: drawFault(forMs, random) };
  if (kind < 0.8) return { at, host, what: 'kill', forMs };
  if (kind < 0.9) return { at, host, what: 'slow', factor: whole(2, 20, random), forMs };
  return { at, host, what: 'lie', tells: random() < 0.5 ? 'everything' : 'nothing', forMs };
};

/** A policy that could choose somebody: of a guarded fleet the guardian. */
const drawStrategy = ({ hosts }: FleetFile, guarded: 'guarded' | 'unguarded', random: Random): PolicyName => {
  const backends = Object.values(hosts).map(({ kind }) => ({ kind, region: 'north', weight: undefined }));
  const able = policyNames.filter((name) => policyProblem(name, backends) === undefined);
  const fitting = guarded === 'guarded' ? able.filter((name) => name !== 'docker_only') : able;
  return fitting[Math.floor(random() * fitting.length)] ?? 'expected_finish';
};

const checked = <T>(result: { readonly value: T } | { readonly problems: readonly string[] }): T => {
  if ('problems' in result) throw new Error(result.problems.join('\n'));
  return result.value;
};

/** About a hundred requests over one to four minutes, and a mishap every few seconds. */
export const drawHostilePlan = (seed: number): HostilePlan => {
  const random = createSeededRandom(Math.imul(seed + 1, 0x9e3779b1));
  random();
  const guarded = random() < 0.5 ? 'guarded' : 'unguarded';
  const fleet = checked(checkFleet(drawFleet(guarded, random)));
  const durationMs = Math.round(within(60_000, 240_000, random));
  const load = drawLoad(checked(checkLoad(drawClasses(random))), {
    perSecond: 100_000 / durationMs,
    durationMs,
    seed,
  });
  const targets = Object.keys(fleet.hosts).filter((id) => id !== 'guardian');
  const everyMs = within(3000, 30_000, random);
  const mishaps = targets.flatMap((host) =>
    Array.from({ length: Math.round(durationMs / everyMs / targets.length) }, () =>
      drawMishap(host, durationMs, random),
    ),
  );
  const pauses = Array.from({ length: random() < 0.4 ? whole(1, 4, random) : 0 }, () => ({
    at: within(0, durationMs, random),
    forMs: Math.round(within(10, 10_000, random)),
  }));
  const steps = Array.from({ length: random() < 0.5 ? whole(1, 4, random) : 0 }, () => ({
    at: within(0, durationMs, random),
    byMs: one([-3_600_000, 3_600_000, -5000, 5000], random),
  }));
  return {
    seed,
    fleet,
    strategy: drawStrategy(fleet, guarded, random),
    load,
    mishaps: mishaps.toSorted((left, right) => left.at - right.at),
    pauses: pauses.toSorted((left, right) => left.at - right.at),
    steps,
    guardian: guarded === 'guarded' ? 'guardian' : undefined,
  };
};
