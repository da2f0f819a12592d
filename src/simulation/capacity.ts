/**
 * How much of a load a fleet can carry at most: a linear program over hosts × kinds of request at the hosts' true
 * rates, as if every model were loaded everywhere it can be and no prompt were remembered. Pure.
 */

import type { LoadFile } from '../config/simulation-files.ts';
import type { HostSettings } from '../simulator/host-settings.ts';
import { createPace, type Pace } from '../simulator/rates.ts';
import { sampleConversations, sentTokens } from './load.ts';
import { maximise } from './simplex.ts';

/** What a host brings to the sum. */
export interface CapacityHost {
  readonly id: string;
  readonly settings: HostSettings;
  /** By the name clients ask for: the bytes of the model, where the host has it. */
  readonly modelBytes: ReadonlyMap<string, number>;
}

/** Requests of one model of one class, as they are on average. */
export interface Kind {
  readonly model: string;
  /** Of all requests. */
  readonly share: number;
  readonly promptTokens: number;
  readonly answerTokens: number;
}

const sampleSize = 2000;

/** The kinds of request in a load, from a sample of it. */
export const kindsOf = (load: LoadFile, seed: number): readonly Kind[] => {
  const sums = new Map<string, { model: string; count: number; prompt: number; answer: number }>();
  let requests = 0;
  for (const { className, model, turns } of sampleConversations(load, sampleSize, seed)) {
    const key = `${className}\n${model}`;
    const sum = sums.get(key) ?? { model, count: 0, prompt: 0, answer: 0 };
    sums.set(key, sum);
    const sent = sentTokens(turns, load.classes[className]?.system?.tokens ?? 0);
    for (const [index, { answerTokens }] of turns.entries()) {
      sum.count += 1;
      sum.prompt += sent[index] ?? 0;
      sum.answer += answerTokens;
      requests += 1;
    }
  }
  return [...sums.values()].map(({ model, count, prompt, answer }) => ({
    model,
    share: count / requests,
    promptTokens: prompt / count,
    answerTokens: answer / count,
  }));
};

/** All weights on the graphics card, or all in memory where there is none. */
const wholePlacement = (bytes: number) => ({ sizeBytes: bytes, vramBytes: bytes });

/**
 * Requests per second of one kind on a host that does nothing else. Reading shares nothing and writing shares the
 * machine, so how many write at once is found from how long they write: a fixed point, reached by halving steps.
 */
export const rateOf = (pace: Pace, slots: number, bytes: number, kind: Kind): number => {
  const placement = wholePlacement(bytes);
  const prefillMs = pace.prefillMs(kind.promptTokens, bytes, placement);
  let writing = slots;
  let serviceMs = 0;
  for (let step = 0; step < 50; step += 1) {
    const decodeMs = kind.answerTokens * pace.tokenMs(writing, bytes, placement);
    serviceMs = prefillMs + decodeMs;
    writing = (writing + (slots * decodeMs) / Math.max(serviceMs, 1e-9)) / 2;
  }
  return (slots / Math.max(serviceMs, 1e-9)) * 1000;
};

/** Requests per second of the whole mix that the fleet can serve in the long run; 0 where some kind has no host. */
export const capacityOf = (hosts: readonly CapacityHost[], kinds: readonly Kind[]): number => {
  const pairs = hosts.flatMap(({ settings, modelBytes }, host) => {
    const pace = createPace(settings.rates, settings.speedup, settings.vramBytes > 0);
    return kinds.flatMap((kind, index) => {
      const bytes = modelBytes.get(kind.model);
      return bytes === undefined
        ? []
        : [{ host, kind: index, perSecond: rateOf(pace, settings.slots, bytes, kind) }];
    });
  });
  // The first variable is the rate of the mix; the others say how much of each kind a host takes.
  const solution = maximise({
    objective: [1, ...pairs.map(() => 0)],
    rows: [
      ...kinds.map(({ share }, index) => [share, ...pairs.map(({ kind }) => (kind === index ? -1 : 0))]),
      ...hosts.map((_, index) => [
        0,
        ...pairs.map(({ host, perSecond }) => (host === index ? 1 / perSecond : 0)),
      ]),
    ],
    limits: [...kinds.map(() => 0), ...hosts.map(() => 1)],
  });
  return solution?.value ?? 0;
};
