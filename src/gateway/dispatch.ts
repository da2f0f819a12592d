/** Stage 4 and 5: plan, take a slot, call a host, and go on to the next until one gives content. Shell. */

import { noteAttempt } from '../core/decision.ts';
import { retryCost } from '../core/retry-budget.ts';
import type { DecisionAttempt } from '../spec/decision.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import type { AttemptContext } from './attempt.ts';
import type { Departure } from './departure.ts';
import { type Failure, mayFailOver } from './failure.ts';
import { finalError, safeText } from './final-error.ts';
import type { Fleet } from './fleet.ts';
import { lookTimeoutMs } from './host.ts';
import { type LearningDeps, learnContent, learnFailure } from './learning.ts';
import type { Lease } from './lease.ts';
import type { Loads } from './loads.ts';
import { type FailedAttempt, isFailed, type Opened, openAttempt } from './open-attempt.ts';
import { departed, unknownModel } from './refusals.ts';
import type { RetryTokens } from './retry-tokens.ts';
import type { Account } from './settle.ts';
import type { Slots } from './slots.ts';
import type { Resolved } from './stages.ts';
import { attemptHeader } from './upstream-headers.ts';

export interface DispatchDeps extends LearningDeps {
  readonly fleet: Fleet;
  readonly slots: Slots;
  readonly budget: RetryTokens;
  readonly loads: Loads;
  readonly report: Report;
}

/** A call to a host as a decision tells of it. */
export const attemptOf = (
  lease: Lease,
  outcome: string,
  now: Millis,
  dropped: readonly string[] = [],
): DecisionAttempt => ({
  backend: lease.candidate.backend,
  outcome,
  afterMs: now - lease.startedAt,
  ...(dropped.length === 0 ? {} : { dropped }),
});

/** Whether another Pointsman does the retries for this request. */
const retriesElsewhere = ({ received }: Resolved): boolean => {
  const number = received.headers.get(attemptHeader);
  return number !== null && Number(number) >= 1;
};

/** What a retry costs by what the failed attempt burnt. */
const costOf = ({ class: kind, consequence }: Failure, { candidate }: Lease): number => {
  if (kind === 'timeout') return retryCost.timeout;
  const isLost = kind === 'network' && consequence.scope === 'pair';
  return isLost && candidate.zone === 'cloud' ? retryCost.ambiguous : retryCost.fast;
};

/** An unknown name is told as such where somebody could have had it. */
const throwIfUnknown = ({ served, ask }: Resolved, { fleet }: DispatchDeps): void => {
  if (served !== undefined) return;
  if (fleet.hosts().some(({ health }) => health.state === 'up')) throw unknownModel(ask, fleet);
};

const throwIfLeft = ({ reason }: Departure): void => {
  if (reason !== undefined) throw departed(reason);
};

/** Makes one attempt. */
export type Opener<Result> = (context: AttemptContext) => Promise<Result | FailedAttempt>;

/** Resolves with the first attempt that gave content; rejects with the one error the client is told. */
export const dispatch = (resolved: Resolved, account: Account, deps: DispatchDeps): Promise<Opened> =>
  dispatchWith<Opened>(openAttempt, resolved, account, deps);

/** The same for attempts of any sort. */
export const dispatchWith = async <Result extends { readonly kind: string }>(
  open: Opener<Result>,
  resolved: Resolved,
  account: Account,
  deps: DispatchDeps,
): Promise<Result> => {
  const { ports, slots, budget, loads, report } = deps;
  const { clock } = ports;
  const { received } = resolved;
  const { maxAttempts, timeouts, probe } = deps.settings();
  budget.earn(received.arrivedAt);
  throwIfUnknown(resolved, deps);
  for (let attemptNumber = 1; ; attemptNumber += 1) {
    throwIfLeft(received.departure);
    const free = slots.acquire(resolved, account);
    // Waiting one turn of the loop for what is there already would cost as much as the plan did.
    const lease = free instanceof Promise ? await free : free;
    account.queueMs += lease.queueMs;
    account.lease = lease;
    account.why = lease.why;
    const lastChance = lease.onlyOne || attemptNumber >= maxAttempts || retriesElsewhere(resolved);
    let failure: Failure;
    try {
      const context = {
        resolved,
        lease,
        loads,
        ports,
        report,
        timeouts,
        probeTimeoutMs: lookTimeoutMs(lease.host, probe),
        lastChance,
      };
      const result = await open(context);
      if (!isFailed(result)) {
        learnContent(lease, clock.now());
        return result;
      }
      if (result.unsent) {
        slots.release(lease);
        account.lease = undefined;
        attemptNumber -= 1;
        continue;
      }
      failure = result.failure;
    } catch (error) {
      slots.release(lease);
      throw error;
    }
    learnFailure(lease, failure, deps);
    slots.release(lease);
    account.lease = undefined;
    const now = clock.now();
    account.failedAttempts.push({
      backend: lease.candidate.backend,
      class: failure.class,
      reason: safeText(failure),
      afterMs: now - lease.startedAt,
    });
    if (account.record !== undefined) noteAttempt(account.record, attemptOf(lease, failure.class, now));
    throwIfLeft(received.departure);
    if (!mayFailOver(failure) || lastChance || !budget.spend(costOf(failure, lease), now)) {
      throw finalError(failure, account.failedAttempts);
    }
  }
};
