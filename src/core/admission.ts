/** Whether a request may wait, and what it is told when it may not. Pure; the time and chance are arguments. Imports spec. */

import type { Millis, QueueClass } from '../spec/vocabulary.ts';

/** The queue as a newcomer finds it. */
export interface AdmissionFacts {
  readonly queueClass: QueueClass;
  /** The longest wait that is worth anything, by class: a person's patience, and a job's. */
  readonly maxWaitMs: Readonly<Record<QueueClass, Millis>>;
  /** Estimated cost that is served before it, what runs now included. */
  readonly costAhead: number;
  /** Cost per second of all hosts it could be served by. */
  readonly costPerSecond: number;
  /** When its client needs the first of the answer; undefined: whenever. */
  readonly deadlineAt: Millis | undefined;
}

/** `startBy` is the time the wait was promised to end before; `predictedMs` is the wait as estimated now. */
export type Admission =
  | { readonly admitted: true; readonly predictedMs: Millis; readonly startBy: Millis }
  | { readonly admitted: false; readonly predictedMs: Millis; readonly reason: 'wait' | 'deadline' };

/** Predicted wait = cost ahead / rate of the hosts; forever where no host is at work. */
export const predictWaitMs = (costAhead: number, costPerSecond: number): Millis => {
  if (costAhead <= 0) return 0;
  return costPerSecond > 0 ? (costAhead / costPerSecond) * 1000 : Infinity;
};

/** Refuses at once what would wait longer than its class or its client allows, instead of letting it wait in vain. */
export const admit = (facts: AdmissionFacts, now: Millis): Admission => {
  const predictedMs = predictWaitMs(facts.costAhead, facts.costPerSecond);
  const deadlineMs = facts.deadlineAt === undefined ? Infinity : facts.deadlineAt - now;
  if (deadlineMs <= 0 || predictedMs > deadlineMs)
    return { admitted: false, predictedMs, reason: 'deadline' };
  const classMs = facts.maxWaitMs[facts.queueClass];
  if (predictedMs > classMs) return { admitted: false, predictedMs, reason: 'wait' };
  return { admitted: true, predictedMs, startBy: now + Math.min(classMs, deadlineMs) };
};

/**
 * Whole seconds for `Retry-After`: clamp(⌈predicted · U(1, 1.25)⌉, 1, 60), so that those who were turned away together
 * do not come back together. `random` is uniform in [0, 1).
 */
export const retryAfterSeconds = (predictedMs: Millis, random: number): number =>
  Math.min(60, Math.max(1, Math.ceil((predictedMs / 1000) * (1 + 0.25 * random))));
