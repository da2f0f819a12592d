/** Fleets and requests for the planner alone, drawn by seed: hosts in the states that a day of work leaves them in. */

import { dockerKind, ollamaKind } from '../../src/core/auto-optimal.ts';
import { closedBreaker, onFailure } from '../../src/core/breaker.ts';
import type { Ask, Candidate } from '../../src/core/candidate.ts';
import { healthyPair } from '../../src/core/health.ts';
import { seededRandom } from '../../src/core/random.ts';
import { neutralRates, type PairRates } from '../../src/core/rates.ts';
import type { Lane } from '../../src/spec/vocabulary.ts';

/** The time the first request comes; hosts were last heard of up to an hour before. */
export const firstRequestMs = 3_600_000;

type Draw = (below: number) => number;

const drawing = (seed: number): Draw => {
  const random = seededRandom(seed);
  return (below) => Math.floor(random() * below);
};

const pick = <Value>(draw: Draw, values: readonly [Value, ...Value[]]): Value =>
  values[draw(values.length)] ?? values[0];

const learnedRates = (draw: Draw, lane: Lane, sizeBytes: number): PairRates => ({
  ...neutralRates(lane, sizeBytes),
  prefillTokensPerSecond: 50 + draw(3000),
  decodeTokensPerSecond: 5 + draw(80),
  loadMs: 2000 + draw(30_000),
  outputTokens: 50 + draw(500),
  firstTokenRatio: 1 + draw(100) / 100,
  samples: 1 + draw(1000),
  updatedAt: draw(firstRequestMs),
  evidence: { prefill: 8, decode: 8, slope: 2, load: 1, output: 20 },
});

const openPair = {
  ...healthyPair,
  breaker: onFailure(
    closedBreaker,
    { ticket: closedBreaker.epoch, weight: 3, reason: 'the runner died' },
    { failures: 3, openMs: 5000, maxOpenMs: 120_000 },
    firstRequestMs * 2,
    0.5,
  ),
};

const drawnCandidate = (draw: Draw, index: number): Candidate => {
  const lane = pick<Lane>(draw, ['gpu', 'gpu', 'gpu', 'peer', 'container', 'cpu', 'cloud']);
  const sizeBytes = 1e9 * (1 + draw(40));
  const slots = 1 + draw(4);
  return {
    backend: `host-${index}`,
    upstream: 'model',
    card: { name: 'model', sizeBytes, capabilities: ['completion', 'tools'] },
    kind: lane === 'container' ? dockerKind : pick(draw, [ollamaKind, ollamaKind, 'openai-compatible']),
    lane,
    zone: lane === 'cloud' ? 'cloud' : 'local',
    priority: draw(3),
    slots,
    inflight: draw(slots + 2),
    speaks: ['ollama', 'openai-chat'],
    host: { state: 'up', failures: 0 },
    pair: draw(16) === 0 ? openPair : healthyPair,
    residency: pick(draw, [
      { state: 'hot' },
      { state: 'hot' },
      { state: 'cold' },
      { state: 'loading', remainingMs: 4000 },
      { state: 'unknown' },
    ]),
    rates: learnedRates(draw, lane, sizeBytes),
    prefixHitTokens: draw(3) === 0 ? draw(4000) : 0,
    affinity: 1 / (1 + draw(16)),
    region: pick(draw, ['eu', 'us', undefined]),
    roundTripMs: draw(200),
    price: lane === 'cloud' ? { inputPerMillion: 1 + draw(5), outputPerMillion: 5 + draw(20) } : undefined,
    weight: undefined,
    reliability: 1 - draw(20) / 100,
    freeVramBytes: 1e9 * draw(48),
  };
};

/** So many hosts that have one model. */
export const drawnFleet = (seed: number, hosts: number): readonly Candidate[] => {
  const draw = drawing(seed);
  return Array.from({ length: hosts }, (_, index) => drawnCandidate(draw, index));
};

/** A request at some time. */
export const drawnAsk = (seed: number, now: number): Ask => {
  const draw = drawing(seed);
  return {
    model: 'model',
    operation: 'chat',
    protocol: pick(draw, ['ollama', 'openai-chat']),
    stream: draw(3) > 0,
    intent: draw(4) === 0 ? 'heavy' : 'fast',
    mode: 'hybrid',
    needs: draw(3) === 0 ? ['tools'] : [],
    localOnly: draw(4) === 0,
    inputTokens: 20 + draw(8000),
    outputTokens: 50 + draw(800),
    sessionKey: undefined,
    preferred: undefined,
    region: pick(draw, ['eu', undefined]),
    deadlineAt: draw(3) === 0 ? now + 30_000 : undefined,
    limits: { maxFirstTokenMs: 60_000, minReliability: 0.5 },
    tried: draw(8) === 0 ? ['host-0'] : [],
  };
};
