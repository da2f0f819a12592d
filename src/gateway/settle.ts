/** Stage 7: the account of each request, and the one event it leaves behind, whatever way it ended. Shell. */

import { type DecisionRecord, decisionOf, endRecord } from '../core/decision.ts';
import type { QuotaKind } from '../spec/gateway-error.ts';
import type { Clock } from '../spec/ports.ts';
import type { Usage } from '../spec/usage.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { FailedAttempt, Report, RequestOutcome } from '../telemetry/events.ts';
import type { Active, Running } from './active.ts';
import { departureOver } from './departure.ts';
import type { ToldAttempt } from './failure.ts';
import type { Lease } from './lease.ts';
import { settleCharge, type TokenCharge } from './quotas.ts';
import type { Parsed, Received } from './stages.ts';

/** Where accounts are kept and what they are closed with. */
export interface Books {
  readonly clock: Clock;
  readonly report: Report;
  readonly active: Active;
}

/** What one request came to; filled as it happens, so that a refusal can be told with it. */
export interface Account extends Running {
  readonly received: Received;
  readonly failedAttempts: ToldAttempt[];
  queueMs: Millis;
  /** The host that is asked, or serves; none after one failed. */
  lease: Lease | undefined;
  why: string;
  /** Set once the request is understood, so that its model may be named. */
  parsed: Parsed | undefined;
  /** Set with it: how it is placed. */
  record: DecisionRecord | undefined;
  firstContentMs: Millis | undefined;
  /** Set where the tokens of its key are limited. */
  charge: TokenCharge | undefined;
  ended: boolean;
}

/** Opens the account of one request. */
export const openAccount = (received: Received, { active }: Books): Account => {
  const account: Account = {
    departure: received.departure,
    place: 0,
    received,
    failedAttempts: [],
    queueMs: 0,
    lease: undefined,
    why: '',
    parsed: undefined,
    record: undefined,
    firstContentMs: undefined,
    charge: undefined,
    ended: false,
  };
  active.add(account);
  return account;
};

/** The first content is there. */
export const noteContent = (account: Account, now: Millis): void => {
  account.firstContentMs ??= now - account.received.arrivedAt;
};

/** An engine's words may quote a prompt, and only its caller is told them. */
const withoutWords = (attempts: readonly ToldAttempt[]): readonly FailedAttempt[] =>
  attempts.length === 0 ? [] : attempts.map(({ reason: _words, ...attempt }) => attempt);

export interface Ending {
  readonly outcome: RequestOutcome;
  readonly code: string;
  readonly usage: Usage | undefined;
  /** Pieces of content, where an engine may have counted no tokens. */
  readonly pieces?: number | undefined;
  /** The limit of its key that turned it away. */
  readonly quota?: QuotaKind | undefined;
}

const settleTokens = (account: Account, { outcome, usage, pieces = 0 }: Ending, now: Millis): void => {
  const { charge, lease, failedAttempts, firstContentMs } = account;
  if (charge === undefined) return;
  const isBegun = firstContentMs !== undefined || lease !== undefined || failedAttempts.length > 0;
  settleCharge(charge, { outcome, usage, pieces, isBegun }, now);
};

/** Closes the account and reports it, once; later calls do nothing. */
export const settle = (account: Account, ending: Ending, books: Books): void => {
  if (account.ended) return;
  account.ended = true;
  const { outcome, code, usage } = ending;
  const { received, parsed, lease, failedAttempts, record } = account;
  const now = books.clock.now();
  const durationMs = now - received.arrivedAt;
  if (account.charge !== undefined) settleTokens(account, ending, now);
  const auto = lease?.ask.auto;
  books.active.remove(account);
  departureOver(received.departure);
  books.report({
    type: 'request',
    requestId: received.requestId,
    principal: received.principal.name,
    protocol: received.protocol.id,
    operation: received.raw ?? received.operation,
    stream: parsed?.peek.stream ?? false,
    model: parsed?.peek.model ?? '',
    backend: lease?.host.backend.options.id ?? failedAttempts.at(-1)?.backend,
    upstream: lease?.upstream,
    outcome,
    code,
    failedAttempts: withoutWords(failedAttempts),
    queueMs: account.queueMs,
    firstContentMs: account.firstContentMs,
    durationMs,
    usage,
    quota: ending.quota,
    why: account.why,
    task: auto?.analysis.task.value,
    tier: auto?.tiers[lease?.candidate.tier ?? 0],
  });
  if (record === undefined) return;
  const { queueMs, firstContentMs } = account;
  endRecord(record, {
    outcome,
    code,
    queueMs,
    firstContentMs,
    durationMs,
    inputTokens: usage?.inputTokens,
    outputTokens: usage?.outputTokens,
    cachedInputTokens: usage?.cachedInputTokens,
  });
  tell(record, books);
};

const tell = (record: DecisionRecord, { report }: Books): void =>
  report({ type: 'decision', decision: () => decisionOf(record) });
