/** Reads a candidate of a recorded decision. Pure; imports spec. */

import {
  type Capability,
  capabilityNames,
  type Lane,
  type Millis,
  type ProtocolId,
  type Zone,
} from '../spec/vocabulary.ts';
import type { Breaker, Bucket } from './breaker.ts';
import type { Candidate, HostHealth, PairHealth, ResidencyState } from './candidate.ts';
import {
  anyBoolean,
  anyNumber,
  anyText,
  byState,
  listOf,
  numberFrom,
  objectOf,
  oneOf,
  optional,
  type Reader,
} from './json-reader.ts';
import type { Keyless } from './key-ring.ts';
import type { Pin } from './pins.ts';
import type { RatePriors } from './rate-priors.ts';
import type { Evidence, PairRates } from './rates.ts';

/** More than any list of a decision holds. */
export const maxEntries = 1024;
/** Counts and durations. */
export const notNegative = numberFrom(0);
/** Speeds and durations that are divided by, and counts of at least one. */
const positive = numberFrom(Number.MIN_VALUE);

/** What models can do. */
export const capabilities = listOf(oneOf<Capability>(...capabilityNames), maxEntries);
/** The dialects. */
export const protocol = oneOf<ProtocolId>('ollama', 'openai-chat', 'openai-responses', 'anthropic', 'gemini');

const priors = {
  prefillTokensPerSecond: positive,
  decodeTokensPerSecond: positive,
  decodeSlope: notNegative,
  loadMs: positive,
  outputTokens: positive,
};

const rates = objectOf<PairRates>({
  ...priors,
  firstTokenRatio: numberFrom(1),
  samples: notNegative,
  updatedAt: anyNumber,
  evidence: objectOf<Evidence>({
    prefill: notNegative,
    decode: notNegative,
    slope: notNegative,
    load: notNegative,
    output: notNegative,
  }),
  prior: objectOf<RatePriors>(priors),
});

const numbered = { epoch: anyNumber, openedEpoch: anyNumber, openings: notNegative };
const counting = {
  ...numbered,
  since: anyNumber,
  window: listOf(
    objectOf<Bucket>({ startedAt: anyNumber, successes: notNegative, failures: notNegative }),
    maxEntries,
  ),
  consecutive: notNegative,
};
const resting = {
  ...numbered,
  until: anyNumber,
  reason: anyText,
  failures: notNegative,
  probe: optional(anyNumber),
  elsewhere: optional(anyBoolean),
  staggerMs: optional(anyNumber),
};

const breaker = byState<Breaker>({
  closed: objectOf<Extract<Breaker, { state: 'closed' }>>({ state: oneOf('closed'), ...counting }),
  ramp: objectOf<Extract<Breaker, { state: 'ramp' }>>({ state: oneOf('ramp'), ...counting }),
  open: objectOf<Extract<Breaker, { state: 'open' }>>({ state: oneOf('open'), ...resting }),
  'half-open': objectOf<Extract<Breaker, { state: 'half-open' }>>({
    state: oneOf('half-open'),
    successes: notNegative,
    triedAt: optional(anyNumber),
    ...resting,
  }),
});

const pair = objectOf<PairHealth>({
  breaker,
  pin: optional(
    objectOf<Pin>({
      until: anyNumber,
      times: notNegative,
      contextTokens: optional(notNegative),
      sinceBytesFree: optional(anyNumber),
      refuted: anyBoolean,
    }),
  ),
  absentUntil: anyNumber,
  busyUntil: anyNumber,
  limited: optional(notNegative),
  refusedUntil: optional(anyNumber),
  keyless: optional(objectOf<Keyless>({ until: anyNumber, reason: anyText })),
});

const host = objectOf<HostHealth>({
  state: oneOf('unknown', 'up', 'down'),
  failures: notNegative,
  failedAt: optional(anyNumber),
  reason: optional(anyText),
  pressure: optional(
    objectOf<NonNullable<HostHealth['pressure']>>({
      recent: listOf(
        objectOf<{ upstream: string; at: Millis }>({ upstream: anyText, at: anyNumber }),
        maxEntries,
      ),
      until: anyNumber,
    }),
  ),
});

const residency = byState<ResidencyState>({
  hot: objectOf<{ readonly state: 'hot' }>({ state: oneOf('hot') }),
  cold: objectOf<{ readonly state: 'cold'; readonly waitMs?: Millis | undefined }>({
    state: oneOf('cold'),
    waitMs: optional(notNegative),
  }),
  unknown: objectOf<{ readonly state: 'unknown' }>({ state: oneOf('unknown') }),
  loading: objectOf<{ readonly state: 'loading'; readonly remainingMs: Millis }>({
    state: oneOf('loading'),
    remainingMs: notNegative,
  }),
});

interface ModelFacts {
  readonly sizeBytes: number | undefined;
  readonly capabilities: readonly Capability[] | undefined;
}

type CandidateFields = Omit<Candidate, 'card'> & { readonly model: ModelFacts };

const candidateFields = objectOf<CandidateFields>({
  backend: anyText,
  upstream: anyText,
  kind: anyText,
  lane: oneOf<Lane>('gpu', 'cpu', 'container', 'cloud', 'peer'),
  zone: oneOf<Zone>('local', 'cloud'),
  priority: anyNumber,
  slots: numberFrom(1),
  inflight: notNegative,
  pairInflight: optional(notNegative),
  meanServiceMs: optional(notNegative),
  speaks: listOf(protocol, maxEntries),
  residency,
  prefixHitTokens: notNegative,
  affinity: notNegative,
  reliability: notNegative,
  region: optional(anyText),
  roundTripMs: optional(notNegative),
  price: optional(
    objectOf<NonNullable<Candidate['price']>>({
      inputPerMillion: notNegative,
      outputPerMillion: notNegative,
    }),
  ),
  weight: optional(notNegative),
  freeVramBytes: optional(anyNumber),
  name: optional(anyText),
  tier: optional(notNegative),
  model: objectOf<ModelFacts>({ sizeBytes: optional(notNegative), capabilities: optional(capabilities) }),
  host,
  pair,
  rates,
});

/** A candidate as a decision shows it, with all that the planner heeds. */
export const readCandidate: Reader<Candidate> = (value, at) => {
  const { model, ...fields } = candidateFields(value, at);
  return { ...fields, card: { name: fields.upstream, ...model } as Candidate['card'] };
};
