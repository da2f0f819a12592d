/** What each key with limits used, and what it may still use. Shell state around the buckets of the core. */

import { type Bucket, emptyBucket, leaked, shrunk, used, waitFor } from '../core/quota.ts';
import type { QuotaKind } from '../spec/gateway-error.ts';
import type { LimitedKey } from '../spec/settings.ts';
import type { Usage } from '../spec/usage.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { RequestOutcome } from '../telemetry/events.ts';
import { quotaUsedUp } from './refusals.ts';
import type { Resolved } from './stages.ts';

/** One limit of one key. */
export interface Meter {
  readonly kind: QuotaKind;
  /** As configured. */
  perMinute: number;
  /** What of it is this instance's to give: all of it while it hears the others. */
  capacity: number;
  bucket: Bucket;
}

/** The limits of one key, each where it has one. */
export interface KeyMeters {
  readonly name: string;
  readonly requests: Meter | undefined;
  readonly tokens: Meter | undefined;
}

/** What a request was taken to cost, until its answer tells. */
export interface TokenCharge {
  readonly meter: Meter;
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** One limit as its key's holder is told of it. */
export interface LimitView {
  readonly limit: number;
  readonly remaining: number;
  /** Until all of it is there again. */
  readonly resetMs: Millis;
}

export interface Quotas {
  /** Takes the limits of a configuration; what was used of those that stay is kept. */
  apply(keys: readonly LimitedKey[]): void;
  /** Counts a request of the key; throws `rate_limited` where it has none left. */
  takeRequest(name: string, now: Millis): void;
  /** Counts what a request is expected to cost; throws as `takeRequest`. Undefined where tokens are not limited. */
  reserveTokens(
    name: string,
    expected: Pick<TokenCharge, 'inputTokens' | 'outputTokens'>,
    now: Millis,
  ): TokenCharge | undefined;
  /** Cut off from the others, as many instances as there were share each limit; 1: there is nobody to share with. */
  shareAmong(parties: number, now: Millis): void;
  of(name: string): KeyMeters | undefined;
  all(): Iterable<KeyMeters>;
}

/** How an answer ended, as far as its cost follows from it. */
export interface ChargeEnd {
  readonly outcome: RequestOutcome;
  readonly usage: Usage | undefined;
  /** Pieces of content that were seen, for engines that count no tokens. */
  readonly pieces: number;
  /** Whether some host began to work on it. */
  readonly isBegun: boolean;
}

const costOf = ({ inputTokens, outputTokens }: TokenCharge, end: ChargeEnd): number => {
  const { outcome, usage, pieces, isBegun } = end;
  if (outcome === 'failed' || outcome === 'refused' || !isBegun) return 0;
  const expected = outcome === 'done' && pieces === 0 ? outputTokens : pieces;
  return (usage?.inputTokens ?? inputTokens) + (usage?.outputTokens ?? expected);
};

/** Reserves what the request is expected to cost its key; throws where that is more than it has left. */
export const chargeFor = (
  { received, ask, peek }: Resolved,
  quotas: Quotas,
  now: Millis,
): TokenCharge | undefined => {
  if (peek.residency !== undefined) return undefined;
  const outputTokens = received.operation === 'embed' ? 0 : ask.outputTokens;
  return quotas.reserveTokens(received.principal.name, { inputTokens: ask.inputTokens, outputTokens }, now);
};

/** Puts what an answer cost in the place of what was expected; what failed before it served anything costs nothing. */
export const settleCharge = (charge: TokenCharge, end: ChargeEnd, now: Millis): void => {
  const { meter, inputTokens, outputTokens } = charge;
  const difference = costOf(charge, end) - (inputTokens + outputTokens);
  meter.bucket = used(meter.bucket, difference, meter.capacity, now);
};

/** How a limit stands. */
export const limitView = ({ bucket, perMinute, capacity }: Meter, now: Millis): LimitView => {
  const { level } = leaked(bucket, capacity, now);
  return {
    limit: perMinute,
    remaining: Math.max(0, Math.floor(capacity - level)),
    resetMs: (level * 60_000) / capacity,
  };
};

/** Nothing was used. */
export const createQuotas = (): Quotas => {
  let keys: ReadonlyMap<string, KeyMeters> = new Map();
  let parties = 1;

  const shareOf = (perMinute: number): number => Math.ceil(perMinute / parties);

  const meterOf = (
    kind: QuotaKind,
    perMinute: number | undefined,
    known: Meter | undefined,
  ): Meter | undefined => {
    if (perMinute === undefined) return undefined;
    const capacity = shareOf(perMinute);
    if (known === undefined) return { kind, perMinute, capacity, bucket: emptyBucket };
    known.perMinute = perMinute;
    known.capacity = capacity;
    return known;
  };

  const take = (meter: Meter, cost: number, now: Millis): void => {
    const { bucket, capacity } = meter;
    const waitMs = waitFor(bucket, cost, capacity, now);
    if (waitMs > 0) throw quotaUsedUp({ ...meter, waitMs, cost });
    meter.bucket = used(bucket, cost, capacity, now);
  };

  return {
    apply: (limited) => {
      keys = new Map(
        limited.map(({ name, requestsPerMinute, tokensPerMinute }) => {
          const known = keys.get(name);
          const requests = meterOf('requests', requestsPerMinute, known?.requests);
          return [name, { name, requests, tokens: meterOf('tokens', tokensPerMinute, known?.tokens) }];
        }),
      );
    },
    takeRequest: (name, now) => {
      const meter = keys.get(name)?.requests;
      if (meter !== undefined) take(meter, 1, now);
    },
    reserveTokens: (name, expected, now) => {
      const meter = keys.get(name)?.tokens;
      if (meter === undefined) return undefined;
      const charge = {
        meter,
        inputTokens: Math.ceil(expected.inputTokens),
        outputTokens: Math.ceil(expected.outputTokens),
      };
      take(meter, charge.inputTokens + charge.outputTokens, now);
      return charge;
    },
    shareAmong: (next, now) => {
      if (next === parties) return;
      parties = next;
      for (const { requests, tokens } of keys.values()) {
        for (const meter of [requests, tokens]) {
          if (meter === undefined) continue;
          const capacity = shareOf(meter.perMinute);
          meter.bucket =
            capacity < meter.capacity
              ? shrunk(meter.bucket, meter.capacity, capacity, now)
              : leaked(meter.bucket, meter.capacity, now);
          meter.capacity = capacity;
        }
      }
    },
    of: (name) => keys.get(name),
    all: () => keys.values(),
  };
};
