/** What the end of an attempt teaches: of the host, the pair, its speeds, and where a conversation lives. Shell state. */

import { type AffinityState, createAffinity, noteServed } from '../core/affinity.ts';
import { correctionAfter } from '../core/analysis/token-correction.ts';
import { isResting } from '../core/breaker.ts';
import type { Candidate, PairHealth, ResidencyState } from '../core/candidate.ts';
import { answerDueMs } from '../core/estimate.ts';
import {
  hostAnswered,
  hostFailed,
  pairAbsent,
  pairBusy,
  pairCanceled,
  pairFailed,
  pairLimited,
  pairPinned,
  pairRefused,
  pairSucceeded,
} from '../core/health.ts';
import { createLoadShare, type LoadShare } from '../core/load-share.ts';
import { remember } from '../core/prefix-cache.ts';
import { observe } from '../core/rates.ts';
import { reliabilityAfter } from '../core/reliability.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Usage } from '../spec/usage.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Discovery } from './discovery.ts';
import type { Failure } from './failure.ts';
import { plainText } from './final-error.ts';
import type { Lease } from './lease.ts';
import { countSuccess, healthOf, keptLessons, type Lesson, type Pair } from './pair.ts';
import { pinFactsOf, ranOutOfMemory } from './ran-out.ts';

/** What is remembered of conversations and of the work hosts were given. */
export interface Memory {
  readonly affinity: AffinityState;
  readonly load: LoadShare;
}

/** Nothing is remembered. */
export const createMemory = (): Memory => {
  const load = createLoadShare();
  return { affinity: createAffinity(load), load };
};

export interface LearningDeps {
  readonly discovery: Discovery;
  readonly ports: Ports;
  readonly settings: () => GatewaySettings;
  readonly memory: Memory;
}

/** The first content beyond this many times its expectation is no good service of a conversation. */
const poorFactor = 3;

const succeed = (lease: Lease, now: Millis): void => {
  const { pair, ticket, ask } = lease;
  lease.told = true;
  if (pair.reliability.share !== 1) pair.reliability = reliabilityAfter(pair.reliability, 'well', now);
  if (countSuccess(pair, now)) return;
  pair.health = pairSucceeded(healthOf(pair), { ticket, contextTokens: ask.contextTokens }, now);
};

/** Content came: the host is up, whatever a probe said, and holds the model. A trial is over with it. */
export const learnContent = (lease: Lease, now: Millis): void => {
  const { host, pair } = lease;
  host.health = hostAnswered(host.health);
  lease.firstContentAt = now;
  pair.heardAt = now;
  pair.loadingSince = undefined;
  // Whoever waits for the verdict of a trial should not have to wait for the end of a long answer.
  if (isResting(pair.health.breaker)) succeed(lease, now);
};

/** What is known of an answer at its end. */
export interface AnswerFacts {
  readonly usage: Usage | undefined;
  /** Pieces of content that were seen. */
  readonly pieces: number;
  /** Whether it came to its own end. */
  readonly whole: boolean;
}

const hot: ResidencyState = { state: 'hot' };

/** A load that went before is a lesson of its own. */
const begunAt = ({ readyAt, startedAt }: Lesson): Millis => readyAt ?? startedAt;

const servedAs = ({ readyAt, candidate }: Lesson): Candidate =>
  readyAt === undefined ? candidate : { ...candidate, residency: hot };

/** When the first content was to come, or the end where an answer comes whole, for the tokens it really had. */
const expectedMsOf = (lesson: Lesson): Millis => {
  const { ask, usage, pieces } = lesson;
  const inputTokens = usage?.inputTokens ?? ask.inputTokens;
  const outputTokens = usage?.outputTokens ?? (pieces > 0 ? pieces : ask.outputTokens);
  return answerDueMs({ ...ask, inputTokens, outputTokens }, servedAs(lesson), begunAt(lesson));
};

/** Learns from the attempts that ended since it last did. */
export const learnLessons = (pair: Pair, now: Millis): void => {
  pair.learnedAt = now;
  const count = pair.lessonCount;
  if (count === 0) return;
  for (let index = Math.max(0, count - keptLessons); index < count; index += 1) {
    const lease = pair.lessons[index % keptLessons];
    if (lease === undefined) continue;
    const { usage, ask, endedAt, firstContentAt } = lease;
    const candidate = servedAs(lease);
    const startedAt = begunAt(lease);
    const observation = {
      inputTokens: usage?.inputTokens,
      cachedTokens:
        usage?.cachedInputTokens ?? (candidate.prefixHitTokens > 0 ? candidate.prefixHitTokens : undefined),
      isCacheGuessed: usage?.cachedInputTokens === undefined,
      outputTokens: usage?.outputTokens ?? (lease.pieces > 0 ? lease.pieces : undefined),
      firstTokenMs: ask.stream && firstContentAt !== undefined ? firstContentAt - startedAt : undefined,
      durationMs: endedAt - startedAt,
      expectedMs: expectedMsOf(lease),
      concurrency: lease.together,
      cold: candidate.residency.state === 'cold' || candidate.residency.state === 'loading',
      whole: lease.whole,
      timings: usage?.timings,
    };
    pair.rates = observe(pair.rates, observation, endedAt);
    if (ask.countedTokens !== undefined && usage?.inputTokens !== undefined)
      pair.tokens = correctionAfter(pair.tokens, ask.countedTokens, usage.inputTokens);
  }
  pair.lessonCount = 0;
  pair.lessons.length = 0;
};

/** Says how a host served a conversation, where it was one. */
const tellConversation = (
  { rivals, ask, chain, host }: Lease,
  how: 'well' | 'poorly',
  memory: Memory,
  now: Millis,
): void => {
  if (rivals === undefined) return;
  const { model, intent, sessionKey } = ask;
  const backend = host.backend.options.id;
  const served = { ask: { model, intent, sessionKey, chain }, backend, backends: rivals, how };
  noteServed(memory.affinity, served, now);
};

const noteConversation = (lease: Lease, memory: Memory, now: Millis): void => {
  const { rivals, ask, chain, host, firstContentAt } = lease;
  if (rivals === undefined) return;
  if (chain !== undefined) remember(host.prefixes, chain);
  const tookMs = (ask.stream ? (firstContentAt ?? now) : now) - begunAt(lease);
  const isPoor = tookMs > poorFactor * expectedMsOf(lease) + 1000;
  tellConversation(lease, isPoor ? 'poorly' : 'well', memory, now);
};

/** An answer ended after it had begun, by itself or because its reader left: the pair did well. */
export const learnAnswer = (
  lease: Lease,
  { usage, pieces, whole }: AnswerFacts,
  memory: Memory,
  now: Millis,
): void => {
  const { pair, host } = lease;
  lease.usage = usage;
  lease.pieces = pieces;
  lease.whole = whole;
  lease.endedAt = now;
  lease.together = (lease.together + host.inflight) / 2;
  if (!lease.told) succeed(lease, now);
  pair.heardAt = now;
  pair.lessons[pair.lessonCount % keptLessons] = lease;
  pair.lessonCount += 1;
  noteConversation(lease, memory, now);
};

/** An attempt ended without saying anything of the pair; does nothing where the pair was told already. */
export const learnNothing = (lease: Lease): void => {
  if (lease.told) return;
  lease.told = true;
  const { pair, ticket } = lease;
  pair.health = pairCanceled(pair.health, ticket);
};

const flagged = (
  health: PairHealth,
  failure: Failure,
  { host, pair, ask }: Lease,
  now: Millis,
  random: number,
): PairHealth => {
  switch (failure.consequence.flag) {
    case 'absent':
      return pairAbsent(health, now);
    case 'busy':
      return pairBusy(health, now, random);
    case 'limited':
      // Where keys are counted, the limit was one of a key.
      if (host.keys !== undefined && failure.class !== 'overload') return health;
      return pairLimited(health, failure.retryAfterMs, now);
    case 'refused':
      if (host.keys !== undefined) return health;
      return pairRefused(health, now);
    case 'pinned':
      return pairPinned(health, pinFactsOf(host, pair, ask.contextTokens), now);
    default:
      return health;
  }
};

/** Writes down what a failure says of the host and the pair; what the client or the fleet caused counts for nothing. */
export const learnFailure = (lease: Lease, failure: Failure, deps: LearningDeps): void => {
  const { host, pair, ticket, upstream } = lease;
  const { counts, scope, flag, retry } = failure.consequence;
  const { clock, random } = deps.ports;
  const now = clock.now();
  const reason = plainText(failure);
  lease.told = true;
  if (host.loading?.model !== upstream) pair.loadingSince = undefined;
  let health = healthOf(pair);
  if (counts > 0 && scope === 'pair') {
    health = pairFailed(health, { ticket, weight: counts, reason }, deps.settings().breaker, now, random());
  } else {
    health = flagged(pairCanceled(health, ticket), failure, lease, now, random());
  }
  pair.health = health;
  if (retry === 'elsewhere') {
    pair.reliability = reliabilityAfter(pair.reliability, 'badly', now);
    tellConversation(lease, 'poorly', deps.memory, now);
  }
  if (flag === 'pinned') ranOutOfMemory(host, pair, now);
  if (counts > 0 && scope === 'host') {
    host.health = hostFailed(host.health, { by: 'request', reason }, now);
    void deps.discovery.look(host);
  } else if (flag === 'absent') void deps.discovery.look(host);
};
