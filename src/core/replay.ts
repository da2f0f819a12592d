/**
 * What another policy would have chosen for recorded requests. Each is planned anew on what was seen when it arrived, so
 * that the load is that of the recorded policy; where the choice differs, what would have come of it is estimated.
 * Pure; imports spec.
 */

import type { GatewaySettings } from '../spec/settings.ts';
import type { BackendId } from '../spec/vocabulary.ts';
import { autoPolicy, constrained } from './auto/policy.ts';
import type { Ask, Candidate, Snapshot } from './candidate.ts';
import { expectedFinish } from './estimate.ts';
import { type ModelRules, modelRules, rulesFor } from './model-rules.ts';
import { type Plan, plan } from './plan.ts';
import { type PolicyTable, policyFor, policyTable } from './policy-for.ts';
import type { RecordedDecision, RecordedRound } from './read-decision.ts';
import { type ReplaySummary, summarise } from './replay-summary.ts';
import type { OtherOutcome, RecordedOutcome, Replayed } from './replayed.ts';
import { worthWaiting } from './worth-waiting.ts';

/** What of a configuration decides where requests go. Backends it does not name stay as they were recorded. */
export type ReplaySettings = Pick<
  GatewaySettings,
  'strategy' | 'weights' | 'requests' | 'models' | 'backends' | 'limits' | 'region'
>;

export interface Replay {
  readonly requests: readonly Replayed[];
  /** Requests that were refused before any host was looked at: no policy has a say in them. */
  readonly unplanned: number;
  readonly summary: ReplaySummary;
}

interface Rules {
  readonly table: PolicyTable;
  readonly models: ModelRules;
  readonly backends: ReadonlyMap<BackendId, ReplaySettings['backends'][number]>;
  readonly settings: ReplaySettings;
}

const underRules = (candidate: Candidate, { backends }: Rules): Candidate => {
  const options = backends.get(candidate.backend);
  if (options === undefined) return candidate;
  const { priority, region, weight, price } = options;
  return { ...candidate, priority, region, weight, price };
};

interface Question {
  readonly ask: Ask;
  readonly snapshot: Snapshot;
  readonly plan: Plan;
}

const asked = ({ ask, snapshot, seed }: RecordedRound, rules: Rules): Question => {
  const upstreams = snapshot.candidates.map(({ upstream }) => upstream);
  const models = rulesFor(rules.models, ask.model, upstreams);
  const [model] = models;
  const { limits, region } = rules.settings;
  const again: Ask = {
    ...ask,
    preferred: model?.preferred ?? ask.preferred,
    region: region ?? ask.region,
    limits: { ...ask.limits, ...limits },
    localOnly: ask.localOnly || models.some(({ localOnly }) => localOnly),
  };
  const candidates = snapshot.candidates.map((candidate) => underRules(candidate, rules));
  const seen = { now: snapshot.now, candidates };
  const named = policyFor(rules.table, { header: undefined, model });
  const own = again.constraints === undefined ? named : constrained(named);
  const policy = again.auto === undefined ? own : autoPolicy;
  return { ask: again, snapshot: seen, plan: plan(again, seen, policy, seed) };
};

/** A record does not tell who else waited. */
const nobodyAhead = (): number => 0;

const choiceOf = ({ ask, snapshot, plan: decided }: Question) => {
  const waited = worthWaiting(ask, decided, snapshot.now, nobodyAhead);
  const free = decided.attempts[0]?.candidate;
  const candidate = waited ?? free ?? decided.full[0]?.candidate;
  return {
    candidate,
    start: candidate === undefined ? 'nowhere' : candidate === free ? 'at-once' : 'waits',
  } as const;
};

const recordedOutcome = ({ rounds, end }: RecordedDecision, arrival: RecordedRound): RecordedOutcome => {
  const backend = rounds.find(({ chosen }) => chosen !== undefined)?.chosen;
  const { ask, snapshot } = arrival;
  const candidate = snapshot.candidates.find((each) => each.backend === backend);
  return {
    backend,
    outcome: end?.outcome,
    firstContentMs: end?.firstContentMs,
    durationMs: end?.durationMs,
    estimatedFirstContentMs: candidate && expectedFinish(ask, candidate, snapshot.now).firstTokenMs,
  };
};

const otherOutcome = (question: Question, recorded: RecordedOutcome): OtherOutcome => {
  const { candidate, start } = choiceOf(question);
  const { why } = question.plan;
  if (candidate === undefined) {
    return {
      backend: undefined,
      start,
      why,
      basis: 'none',
      firstContentMs: undefined,
      durationMs: undefined,
    };
  }
  const { backend } = candidate;
  if (backend === recorded.backend) {
    const { firstContentMs, durationMs } = recorded;
    return { backend, start, why, basis: 'measured', firstContentMs, durationMs };
  }
  const { firstTokenMs, totalMs } = expectedFinish(question.ask, candidate, question.snapshot.now);
  return { backend, start, why, basis: 'estimate', firstContentMs: firstTokenMs, durationMs: totalMs };
};

/** Plans every recorded request anew under the settings; the mode stays the recorded one. */
export const replay = (decisions: Iterable<RecordedDecision>, settings: ReplaySettings): Replay => {
  const rules: Rules = {
    table: policyTable(settings),
    models: modelRules(settings.models),
    backends: new Map(settings.backends.map((options) => [options.id, options])),
    settings,
  };
  const requests: Replayed[] = [];
  let unplanned = 0;
  for (const decision of decisions) {
    const [arrival] = decision.rounds;
    if (arrival === undefined) {
      unplanned += 1;
      continue;
    }
    const recorded = recordedOutcome(decision, arrival);
    const other = otherOutcome(asked(arrival, rules), recorded);
    requests.push({ requestId: decision.requestId, model: decision.model, recorded, other });
  }
  return { requests, unplanned, summary: summarise(requests) };
};
