/**
 * What must hold in every world, whatever goes wrong in it. Each breach is a line; the first of a kind is enough.
 * The numbers are those of the list in docs/simulation.md.
 */

import { createAnswerReader, type Dialect } from '../../src/simulation/answer-reader.ts';
import type { CallResult } from '../../src/simulation/caller.ts';
import type { Settled } from '../../src/simulation/world.ts';
import type { GatewayFacts } from './gateway-facts.ts';
import type { StoppableClock } from './stoppable-clock.ts';
import type { Attempt, WatchedNetwork } from './watched-network.ts';

export interface Limits {
  readonly maxAttempts: number;
  readonly maxWaitMs: number;
}

export interface Invariants {
  /** After every event. */
  readonly turn: () => void;
  readonly attempt: (attempt: Attempt) => void;
  readonly settled: (settled: Settled) => void;
  readonly asked: (id: string) => void;
  readonly content: (id: string) => void;
  readonly left: (id: string) => void;
  readonly ended: (id: string, result: CallResult) => void;
  /** The process ended in the middle: what ran in it breaks off, and nothing more is asked of it. */
  readonly crashed: () => void;
  /** When all is quiet again. */
  readonly quiet: () => void;
  readonly breaches: readonly string[];
}

export interface InvariantOptions {
  readonly clock: StoppableClock;
  readonly facts: () => GatewayFacts;
  readonly network: () => WatchedNetwork;
  readonly limits: Limits;
  /** A host stays sound throughout. */
  readonly guarded: boolean;
}

interface Followed {
  readonly askedAt: number;
  contentAt: number | undefined;
  leftAt: number | undefined;
  result: CallResult | undefined;
  settled: number;
  outcome: string | undefined;
  readonly attempts: Attempt[];
}

/** How long after a caller left its work may go on. */
const departureMs = 50;

/** What an attempt said, read as its bytes stand on the wire. */
const textOf = ({ contentType, chunks }: Attempt): string => {
  const dialect: Dialect = contentType.startsWith('application/x-ndjson') ? 'ollama' : 'openai-chat';
  const reader = createAnswerReader(dialect);
  for (const chunk of chunks) reader.push(chunk);
  return reader.end().text;
};

const streams = (attempt: Attempt): boolean =>
  attempt.contentType.startsWith('application/x-ndjson') ||
  attempt.contentType.startsWith('text/event-stream');

/** Which ends of a call go with what the gateway wrote down. */
const agrees = (outcome: string, end: CallResult['end']): boolean => {
  switch (outcome) {
    case 'done':
      return end === 'done' || end === 'left';
    case 'canceled':
      return end === 'left';
    case 'broken':
      return end === 'cut' || end === 'left';
    default:
      return end === 'refused' || end === 'cut' || end === 'left';
  }
};

/** Follows a world and collects its breaches. */
export const createInvariants = ({
  clock,
  facts,
  network,
  limits,
  guarded,
}: InvariantOptions): Invariants => {
  const followed = new Map<string, Followed>();
  const breaches: string[] = [];
  const trials = new Map<string, Attempt>();
  const bornAt = clock.now();
  let total = 0;
  let crashed = false;

  const breach = (rule: string, text: string): void => {
    if (breaches.length < 20) breaches.push(`${rule} at ${Math.round(clock.now())} ms: ${text}`);
  };
  const known = (id: string): Followed | undefined => followed.get(id);

  const checkLeft = (id: string): void => {
    for (const { host, endedAt } of known(id)?.attempts ?? []) {
      if (endedAt === undefined) breach('I14', `${id} left, and ${host} still works on it`);
    }
  };

  const checkText = (id: string, { end, text, status }: CallResult, attempts: readonly Attempt[]): void => {
    const last = attempts.at(-1);
    if (text === '' || last === undefined || status !== 200 || !streams(last)) return;
    const said = textOf(last);
    if (!said.startsWith(text)) breach('I7', `${id} was told what no host said last`);
    if (end === 'done' && said !== text) breach('I7', `${id} was not told all that was said`);
  };

  const checkLoss = (id: string, result: CallResult): void => {
    // Whoever used up what his key gives is turned away rightly; whether he did is another rule's.
    if (result.status === 429 && /\d (requests|tokens) per minute/.test(result.error ?? '')) return;
    const lost = result.end === 'refused' || (result.end === 'cut' && result.firstContentAt === undefined);
    if (guarded && lost && !crashed)
      breach('lost', `${id} got ${result.status} ${result.error ?? ''} although a host was sound`);
  };

  const checkLeftOver = (): void => {
    for (const { id, inflight } of facts().hosts()) {
      if (inflight !== 0) breach('I2', `${id} still has ${inflight} in flight when all is quiet`);
      if (network().open(id) !== 0) breach('I2', `${id} still has open calls when all is quiet`);
    }
    if (facts().waiting() !== 0) breach('I2', `${facts().waiting()} still wait when all is quiet`);
    if (facts().running() !== 0) breach('I1', `${facts().running()} still run when all is quiet`);
  };

  return {
    breaches,
    crashed: () => {
      crashed = true;
    },
    turn: () => {
      if (crashed) return;
      for (const { id, inflight, slots } of facts().hosts()) {
        if (inflight < 0) breach('I2', `${id} has ${inflight} in flight`);
        if (inflight > slots) breach('I2', `${id} has ${inflight} in flight with ${slots} slots`);
        const open = network().open(id);
        if (open > Math.max(0, inflight))
          breach('I2', `${id} has ${open} open calls for ${inflight} slots held`);
      }
    },
    asked: (id) => {
      const nothing = { contentAt: undefined, leftAt: undefined, result: undefined, outcome: undefined };
      followed.set(id, { ...nothing, askedAt: clock.now(), settled: 0, attempts: [] });
    },
    attempt: (attempt) => {
      const { requestId, host, model } = attempt;
      const request = known(requestId);
      if (request === undefined) {
        breach('I1', `a call for ${requestId}, which nobody asked`);
        return;
      }
      total += 1;
      const why = facts().barred(host, model, clock.now());
      // What was learned at this very moment may have come between the decision and the call.
      const news = network().heardAt(host) === clock.now();
      if (why !== undefined && !news) breach('I3', `${requestId} went to ${host} for ${model}: ${why}`);
      if (facts().isTrial(host, model) && !news) {
        const pair = `${host} ${model}`;
        const before = trials.get(pair);
        if (before !== undefined && before.endedAt === undefined && before.status === undefined) {
          breach('I4', `${requestId} tries ${pair} while ${before.requestId} does`);
        }
        trials.set(pair, attempt);
      }
      if (request.attempts.some((other) => other.host === host))
        breach('I6', `${requestId} went to ${host} twice`);
      if (request.attempts.some(({ endedAt }) => endedAt === undefined)) {
        breach('I6', `${requestId} is on two hosts at once`);
      }
      request.attempts.push(attempt);
      if (request.attempts.length > limits.maxAttempts) {
        breach('I6', `${requestId} had ${request.attempts.length} attempts`);
      }
      const bound = 1.2 * followed.size + (clock.now() - bornAt) / 1000 + 20;
      if (total > bound) breach('I6', `${total} attempts for ${followed.size} requests`);
      if (request.contentAt !== undefined) breach('I7', `${requestId} began again after its first content`);
      if (request.result !== undefined) breach('I1', `${requestId} had ended and went to ${host}`);
    },
    settled: ({ requestId, outcome, queueMs }) => {
      const request = known(requestId);
      if (request === undefined) return;
      request.settled += 1;
      request.outcome = outcome;
      if (request.settled > 1) breach('I1', `${requestId} ended ${request.settled} times`);
      const pausedMs = clock.longestPauseMs();
      if (queueMs > limits.maxWaitMs * limits.maxAttempts + pausedMs) {
        breach('I12', `${requestId} waited ${queueMs} ms`);
      }
    },
    content: (id) => {
      const request = known(id);
      if (request !== undefined) request.contentAt ??= clock.now();
    },
    left: (id) => {
      const request = known(id);
      if (request === undefined) return;
      request.leftAt = clock.now();
      // A process that stands still hears of it when it runs again.
      void clock.running().then(() => clock.after(departureMs, () => checkLeft(id)));
    },
    ended: (id, result) => {
      const request = known(id);
      if (request === undefined) return;
      if (request.result !== undefined) breach('I1', `${id} was answered twice`);
      request.result = result;
      checkText(id, result, request.attempts);
      checkLoss(id, result);
    },
    quiet: () => {
      for (const [id, { result }] of followed) {
        if (result === undefined) breach('I1', `${id} never ended for its caller`);
      }
      if (crashed) return;
      checkLeftOver();
      for (const [id, { settled, outcome, result }] of followed) {
        if (result === undefined) continue;
        if (settled !== 1) breach('I1', `${id} ended ${settled} times, and ${result.end} for its caller`);
        else if (outcome !== undefined && !agrees(outcome, result.end)) {
          breach('I1', `${id} is ${outcome} to the gateway and ${result.end} to its caller`);
        }
      }
    },
  };
};
