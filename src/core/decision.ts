/**
 * The record of how one request was placed. While the request runs it holds what was at hand anyway and copies nothing;
 * it is made into JSON only when somebody asks. Pure; imports spec.
 */

import type {
  Decision,
  DecisionAsk,
  DecisionAttempt,
  DecisionCandidate,
  DecisionEnd,
  DecisionEstimate,
  DecisionRank,
  DecisionRound,
} from '../spec/decision.ts';
import type { BackendId } from '../spec/vocabulary.ts';
import { choiceOf } from './auto/choice.ts';
import type { Ask, Candidate, Snapshot } from './candidate.ts';
import { type Explained, explainPlan } from './explain-plan.ts';
import type { Plan } from './plan.ts';

/** One look at the fleet, as it was made. */
export interface Round {
  readonly ask: Ask;
  readonly snapshot: Snapshot;
  readonly plan: Plan;
  /** The policy in force, which may have chosen the one that decided. */
  readonly policy: string;
  readonly seed: number;
  /** Where the request went after it. */
  readonly chosen?: BackendId | undefined;
}

/** A decision in the making; changes in place while its request runs. */
export interface DecisionRecord {
  readonly requestId: string;
  readonly principal: string;
  readonly model: string;
  readonly atUnixMs: number;
  readonly rounds: Round[];
  readonly attempts: DecisionAttempt[];
  end: DecisionEnd | undefined;
}

type Opening = Pick<DecisionRecord, 'requestId' | 'principal' | 'model' | 'atUnixMs'>;

/** One at arrival and one for each attempt. */
const maxRounds = 4;

/** A record with nothing in it. */
export const openRecord = ({ requestId, principal, model, atUnixMs }: Opening): DecisionRecord => ({
  requestId,
  principal,
  model,
  atUnixMs,
  rounds: [],
  attempts: [],
  end: undefined,
});

/**
 * Keeps the first look and those after which the request was sent somewhere. A look that led to nothing gives way to the
 * next, so that a request which waits long does not keep all it saw.
 */
export const noteRound = ({ rounds }: DecisionRecord, round: Round): void => {
  const last = rounds.at(-1);
  const replaces = rounds.length >= maxRounds || (rounds.length > 1 && last?.chosen === undefined);
  if (replaces) rounds[rounds.length - 1] = round;
  else rounds.push(round);
};

/** Notes what became of a call to a host. */
export const noteAttempt = ({ attempts }: DecisionRecord, attempt: DecisionAttempt): void => {
  attempts.push(attempt);
};

/** Notes the end; the first one stands. */
export const endRecord = (record: DecisionRecord, end: DecisionEnd): void => {
  record.end ??= end;
};

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

const roundedAll = <Values extends object>(values: Values): Values =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, rounded(Number(value))])) as Values;

/** Without the session, which is a matter between the caller and its client; its effect is in `affinity`. */
const askOf = ({ sessionKey: _private, ...ask }: Ask): DecisionAsk => ask;

const candidateOf = ({ card, ...facts }: Candidate): DecisionCandidate => ({
  ...facts,
  model: { sizeBytes: card.sizeBytes, capabilities: card.capabilities },
});

const upstreamOf = ({ name, upstream }: Candidate) => (name === undefined ? {} : { upstream });

const rankOf = ({ candidate, score, scores, tiers, estimate }: Explained, place: DecisionRank['place']) => ({
  backend: candidate.backend,
  ...upstreamOf(candidate),
  place,
  score: rounded(score),
  scores: roundedAll(scores),
  tiers,
  estimate: roundedAll<DecisionEstimate>(estimate),
});

const roundOf = ({ ask, snapshot, plan, policy, seed, chosen }: Round): DecisionRound => {
  const { attempts, full } = explainPlan(ask, snapshot, plan);
  return {
    now: snapshot.now,
    seed,
    ask: askOf(ask),
    policy,
    decidedBy: plan.policy.name,
    why: plan.why,
    chosen,
    candidates: snapshot.candidates.map(candidateOf),
    ranked: [...attempts.map((each) => rankOf(each, 'free')), ...full.map((each) => rankOf(each, 'full'))],
    rejected: plan.rejected.map(({ candidate, reason }) => ({
      backend: candidate.backend,
      ...upstreamOf(candidate),
      kind: reason.kind,
      reason: reason.text,
    })),
  };
};

/** The decision as JSON; works out the scores and estimates, so it is for those who ask and not for every request. */
export const decisionOf = (record: DecisionRecord): Decision => ({
  version: 1,
  requestId: record.requestId,
  atUnixMs: record.atUnixMs,
  principal: record.principal,
  model: record.model,
  auto: choiceOf(record.rounds),
  rounds: record.rounds.map(roundOf),
  attempts: [...record.attempts],
  end: record.end,
});
