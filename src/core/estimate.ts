/** When a host is expected to have answered, and what that costs: the one formula that policies compare hosts by. Imports spec. */

import type { DecisionEstimate } from '../spec/decision.ts';
import type { Intent, Lane, Millis, Work } from '../spec/vocabulary.ts';
import type { Ask, Candidate } from './candidate.ts';
import { decodeRate, loadMsAt, type Speeds, speedsAt } from './rates.ts';
import { isPreferred } from './tiers.ts';

/** What is expected of one request on one host; the parts are as learned, without the ratio below. */
export type Estimate = DecisionEstimate;

/** Of a stream the first token is waited for and the rest is read as it comes; of a whole answer all is waited for. */
const decodeWeight = (stream: boolean): number => (stream ? 0.3 : 1);

/** Ten minutes of waiting are worth one unit of currency: a cent is six seconds. */
const msPerPriceUnit = 600_000;

/**
 * The intent as a cost: small for a quick caller, whom the time itself leads to fast hardware; minutes for heavy work,
 * which can wait, so that it takes the processor unless that would take so much longer.
 */
const laneMs: Readonly<Record<Intent, Readonly<Record<Lane, Millis>>>> = {
  fast: { gpu: 0, peer: 250, container: 500, cpu: 1000, cloud: 5000 },
  heavy: { cpu: 0, peer: 60_000, container: 60_000, gpu: 120_000, cloud: 480_000 },
};

const priorityStepMs = 2000;
const maxPrioritySteps = 30;
const notPreferredMs = 2000;

/** How much shorter the host a conversation belongs to is held to be: enough to settle near ties. */
const affinityShare = 0.2;

/** A load that drives out another model is half paid by whoever asks for that one next. */
const evictionShare = 0.5;
/** What a model takes in memory beyond its weights. */
const memoryFactor = 1.1;

/** Decay within a second changes nothing that could be measured. */
const recentMs = 1000;

const currentSpeeds = ({ rates }: Candidate, now: Millis): Speeds =>
  now - rates.updatedAt > recentMs ? speedsAt(rates, now) : rates;

const currentLoadMs = ({ rates }: Candidate, now: Millis): Millis =>
  now - rates.updatedAt > recentMs ? loadMsAt(rates, now) : rates.loadMs;

const priceMs = ({ price }: Candidate, inputTokens: number, outputTokens: number): Millis =>
  price === undefined
    ? 0
    : ((price.inputPerMillion * inputTokens + price.outputPerMillion * outputTokens) / 1e6) * msPerPriceUnit;

/** Whether loading the model there means that another one has to go. */
const crowded = ({ card: { sizeBytes }, freeVramBytes }: Candidate): boolean =>
  sizeBytes !== undefined && freeVramBytes !== undefined && memoryFactor * sizeBytes > freeVramBytes;

/** Whether the answer is written token by token, which is what its time depends on. */
export const writesTokens = (operation: Work): boolean => operation === 'chat' || operation === 'complete';

/** The estimate of one request on one host, from learned rates carried to `now`. */
export const expectedFinish = (
  ask: Ask,
  candidate: Candidate,
  now: Millis,
  aheadMs: Millis = 0,
): Estimate => {
  const speeds = currentSpeeds(candidate, now);
  const { slots, inflight, residency } = candidate;
  const outputTokens = writesTokens(ask.operation) ? ask.outputTokens : 0;
  const newTokens = Math.max(0, ask.inputTokens - candidate.prefixHitTokens);
  const prefillMs = (newTokens * 1000) / speeds.prefillTokensPerSecond;
  const together = Math.min(inflight + 1, Math.max(1, slots));
  const decodeMs = (outputTokens * 1000) / decodeRate(speeds, together);
  const serviceMs = candidate.meanServiceMs ?? prefillMs + decodeMs;
  const ahead = inflight - slots + 1;
  const waitMs = ahead > 0 ? (ahead * serviceMs + aheadMs) / Math.max(1, slots) : 0;
  const cold = residency.state === 'cold';
  const evicts = cold && crowded(candidate);
  const wholeLoadMs = cold ? currentLoadMs(candidate, now) : 0;
  let loadMs = residency.state === 'loading' ? Math.max(0, residency.remainingMs) : 0;
  // An engine evicts a model only once nobody uses it.
  if (cold) loadMs = (residency.waitMs ?? 0) + wholeLoadMs + (evicts && inflight > 0 ? serviceMs : 0);

  const ratio = speeds.firstTokenRatio;
  const roundTripMs = candidate.roundTripMs ?? 0;
  const weight = decodeWeight(ask.stream);
  const costMs =
    laneMs[ask.intent][candidate.lane] +
    priceMs(candidate, newTokens, outputTokens) +
    Math.min(candidate.priority, maxPrioritySteps) * priorityStepMs +
    (ask.preferred === undefined || isPreferred(ask, candidate) ? 0 : notPreferredMs) +
    (evicts ? evictionShare * wholeLoadMs : 0);
  const affinity = ask.intent === 'fast' ? affinityShare * candidate.affinity : 0;
  const workMs = (1 - affinity) * (loadMs + prefillMs + weight * decodeMs);
  return {
    waitMs,
    loadMs,
    prefillMs,
    decodeMs,
    firstTokenMs: ratio * (waitMs + loadMs + prefillMs) + roundTripMs,
    totalMs: ratio * (waitMs + loadMs + prefillMs + decodeMs) + roundTripMs,
    costMs,
    weighedMs: ratio * (waitMs + workMs) + roundTripMs + costMs,
  };
};

/** When something of the answer is due: the first content of a stream, the end of an answer that comes whole. */
export const answerDueMs = (ask: Ask, candidate: Candidate, now: Millis): Millis => {
  const { firstTokenMs, totalMs } = expectedFinish(ask, candidate, now);
  return ask.stream ? firstTokenMs : totalMs;
};
