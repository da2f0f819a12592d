/** Fleets and loads that come ready-made, so that a question can be asked without writing a file. */

import { checkFleet, checkLoad, type FleetFile, type LoadFile } from '../config/simulation-files.ts';
import { createSeededRandom } from '../simulator/seeded-random.ts';
import type { Json } from '../spec/json.ts';
import type { Random } from '../spec/ports.ts';

const small = 'llama3.2:3b';
const middle = 'qwen3:8b';
const large = 'gpt-oss:20b';

const between = (low: number, high: number, random: Random): number => low + (high - low) * random();

const rounded = (value: number): number => Math.round(value * 10) / 10;

/** One fast graphics card, a small one, a processor and a container; three sizes of model, not all of them everywhere; the fast card stands elsewhere. */
const unequal = (random: Random): Json => ({
  settings: { region: 'office' },
  hosts: {
    'big-gpu': {
      kind: 'ollama',
      backend: { region: 'hall' },
      lane: 'gpu',
      slots: 4,
      vram: '32GiB',
      contextTokens: 8192,
      rates: {
        prefillTokensPerSecond: rounded(between(2500, 5000, random)),
        decodeTokensPerSecond: rounded(between(70, 120, random)),
        loadBytesPerSecond: '2GiB',
        sharing: 0.15,
        referenceBytes: '4GiB',
      },
      models: [small, middle, large],
    },
    'small-gpu': {
      kind: 'ollama',
      backend: { region: 'office' },
      lane: 'gpu',
      slots: 2,
      vram: '12GiB',
      contextTokens: 8192,
      rates: {
        prefillTokensPerSecond: rounded(between(800, 1600, random)),
        decodeTokensPerSecond: rounded(between(30, 50, random)),
        loadBytesPerSecond: '1GiB',
        sharing: 0.25,
        referenceBytes: '4GiB',
      },
      models: [small, middle],
    },
    processor: {
      kind: 'ollama',
      backend: { region: 'office' },
      lane: 'cpu',
      slots: 1,
      profile: 'cpu',
      ram: '48GiB',
      contextTokens: 8192,
      rates: {
        prefillTokensPerSecond: rounded(between(60, 140, random)),
        decodeTokensPerSecond: rounded(between(6, 11, random)),
        loadBytesPerSecond: '500MiB',
        sharing: 0.9,
        referenceBytes: '4GiB',
      },
      models: [small, middle, large],
    },
    container: {
      kind: 'docker-model-runner',
      backend: { region: 'office' },
      lane: 'container',
      slots: 2,
      vram: '12GiB',
      contextTokens: 8192,
      rates: {
        prefillTokensPerSecond: rounded(between(400, 900, random)),
        decodeTokensPerSecond: rounded(between(15, 30, random)),
        loadBytesPerSecond: '1GiB',
        sharing: 0.4,
        referenceBytes: '4GiB',
      },
      models: [`ai/${small}`, `ai/${middle}`],
    },
  },
});

const twin = { kind: 'ollama', lane: 'gpu', slots: 4, vram: '24GiB', profile: 'gpu', contextTokens: 32768 };

const fleets: Readonly<Record<string, (random: Random) => Json>> = {
  unequal,
  equal: () => ({ hosts: { gpu: { ...twin, count: 4, models: [small, middle] } } }),
  single: () => ({ hosts: { gpu: { ...twin, models: [small, middle] } } }),
};

const chatLengths = (random: Random): { readonly [key: string]: Json } => ({
  promptTokens: { median: Math.round(between(200, 500, random)), p95: 2500, max: 6000 },
  answerTokens: { median: Math.round(between(80, 180, random)), p95: 700, max: 1500 },
});

const loads: Readonly<Record<string, (random: Random) => Json>> = {
  poisson: (random) => ({
    classes: {
      chat: {
        models: {
          [small]: rounded(between(3, 6, random)),
          [middle]: rounded(between(2, 4, random)),
          [large]: rounded(between(0.5, 1.5, random)),
        },
        ...chatLengths(random),
      },
    },
  }),
  conversations: () => ({
    arrivals: 0.4,
    classes: {
      chat: {
        models: { [small]: 1 },
        documentTokens: { median: 7000, p95: 9000, max: 10_000 },
        promptTokens: { median: 100, p95: 300, max: 600 },
        answerTokens: { median: 120, p95: 300, max: 600 },
        turns: { median: 7, p95: 10, max: 12 },
        thinkSeconds: { median: 15, p95: 40 },
      },
    },
  }),
  mixed: (random) => ({
    classes: {
      chat: {
        share: 4,
        models: { [small]: 3, [middle]: 1 },
        ...chatLengths(random),
        turns: { median: 3, p95: 8 },
      },
      batch: {
        share: 1,
        stream: false,
        protocol: 'ollama',
        models: { [middle]: 1 },
        promptTokens: { median: 1500, p95: 4000 },
        answerTokens: { median: 400, p95: 1000 },
        headers: { 'x-pointsman-intent': 'heavy' },
      },
    },
  }),
};

/** The names of the ready-made fleets. */
export const fleetNames: readonly string[] = Object.keys(fleets);

/** The names of the ready-made loads. */
export const loadNames: readonly string[] = Object.keys(loads);

const built = <T>(
  table: Readonly<Record<string, (random: Random) => Json>>,
  name: string,
  seed: number,
  check: (tree: Json) => { readonly value: T } | { readonly problems: readonly string[] },
): T | undefined => {
  const draw = Object.hasOwn(table, name) ? table[name] : undefined;
  if (draw === undefined) return undefined;
  const result = check(draw(createSeededRandom(seed)));
  if ('problems' in result) throw new RangeError(result.problems.join('\n'));
  return result.value;
};

/** A ready-made fleet, its speeds drawn by seed where it has any to draw; undefined for a name that is none. */
export const builtInFleet = (name: string, seed: number): FleetFile | undefined =>
  built(fleets, name, seed, checkFleet);

/** A ready-made load, its lengths and mix drawn by seed. */
export const builtInLoad = (name: string, seed: number): LoadFile | undefined =>
  built(loads, name, seed, checkLoad);
