/**
 * The keys of one backend: which is used next, which rest for a provider's limit, which are out because the provider does
 * not take them. Reducers over data with the time as an argument; a key is its position here, never its text. Imports spec.
 */

import type { Millis } from '../spec/vocabulary.ts';

/** Why a key is out: not accepted, not allowed, or not paid for. */
export type KeyFault = 'unauthorized' | 'forbidden' | 'payment';

/** A limit that a key met with one model. */
interface Limit {
  readonly until: Millis;
  /** Limits met in a row without a time; each doubles the next rest. */
  readonly met: number;
}

interface KeyState {
  /** 0 where nothing is held against it. */
  readonly outUntil: Millis;
  /** Times it was taken out without a good answer between them. */
  readonly refusals: number;
  readonly fault: KeyFault | undefined;
  /** A listing showed it, too: then a listing also shows when it is over. */
  readonly isListed: boolean;
  /** By model, because providers limit each by itself. */
  readonly limits: ReadonlyMap<string, Limit>;
}

/** All keys of a backend. */
export interface KeyRing {
  readonly keys: readonly KeyState[];
  /** The position that was used last. */
  readonly last: number;
}

/** Why no key may be used, and until when. */
export interface Keyless {
  readonly until: Millis;
  readonly reason: string;
}

/** What may be shown of a key. */
export interface KeyReport {
  /** Counts from 1, in the order of the configuration. */
  readonly key: number;
  readonly state: 'usable' | 'limited' | 'out';
  readonly fault?: KeyFault;
  /** How long it is to rest yet. */
  readonly forMs?: Millis;
}

const noLimits: ReadonlyMap<string, Limit> = new Map();
const fresh: KeyState = { outUntil: 0, refusals: 0, fault: undefined, isListed: false, limits: noLimits };

/** Somebody may have changed the account within a minute, and after an hour it costs nothing to look. */
const firstOutMs = 60_000;
const outFactor = 4;
const maxOutMs = 3_600_000;

/** A limit that names no time: 2^k s, at most a minute; one that names one is believed within these. */
const firstLimitMs = 1_000;
const maxLimitMs = 60_000;
const minAskedMs = 100;
const maxAskedMs = 3_600_000;

/** A provider has fewer models that anybody is limited on; a bound keeps the table small whatever clients ask for. */
const maxLimits = 256;

/** Keys nobody has used. */
export const createKeyRing = (count: number): KeyRing => ({
  keys: Array.from({ length: count }, () => fresh),
  last: count - 1,
});

const limitOf = ({ limits }: KeyState, model: string): Millis => limits.get(model)?.until ?? 0;

const isUsable = (key: KeyState, model: string, now: Millis): boolean =>
  key.outUntil <= now && limitOf(key, model) <= now;

const changed = (ring: KeyRing, index: number, change: (key: KeyState) => KeyState): KeyRing => ({
  ...ring,
  keys: ring.keys.map((key, position) => (position === index ? change(key) : key)),
});

/** The next usable key after the one used last; undefined where none may be used. */
export const nextKey = ({ keys, last }: KeyRing, model: string, now: Millis): number | undefined => {
  for (let step = 1; step <= keys.length; step += 1) {
    const index = (last + step) % keys.length;
    const key = keys[index];
    if (key !== undefined && isUsable(key, model, now)) return index;
  }
  return undefined;
};

/** It was used. */
export const keyUsed = (ring: KeyRing, index: number): KeyRing =>
  ring.last === index ? ring : { ...ring, last: index };

const withLimit = (key: KeyState, model: string, limit: Limit | undefined, now: Millis): KeyState => {
  const kept = [...key.limits].filter(([name, { until }]) => name !== model && until > now);
  if (limit !== undefined) kept.push([model, limit]);
  return { ...key, limits: kept.length === 0 ? noLimits : new Map(kept.slice(-maxLimits)) };
};

const believed = (waitMs: Millis): Millis => Math.min(maxAskedMs, Math.max(minAskedMs, waitMs));

/** A good answer: whatever was held against the key is over. `spentMs`: for so long nothing is left of its limit. */
export const keyAnswered = (
  ring: KeyRing,
  index: number,
  { model, spentMs }: { readonly model: string; readonly spentMs: Millis | undefined },
  now: Millis,
): KeyRing => {
  const key = ring.keys[index];
  if (key === undefined) return ring;
  const isClean = key.refusals === 0 && key.outUntil === 0 && !key.limits.has(model);
  if (isClean && spentMs === undefined) return ring;
  // Another request may have met the limit while this one ran, and knows better.
  const until = Math.max(limitOf(key, model), spentMs === undefined ? 0 : now + believed(spentMs));
  const forgiven: KeyState = { ...fresh, limits: key.limits };
  return changed(ring, index, () =>
    withLimit(forgiven, model, until > now ? { until, met: 0 } : undefined, now),
  );
};

/** The provider set a limit on one model: as long as it says, else 1 s and twice as long each time, at most a minute. */
export const keyLimited = (
  ring: KeyRing,
  index: number,
  { model, retryAfterMs }: { readonly model: string; readonly retryAfterMs: Millis | undefined },
  now: Millis,
): KeyRing =>
  changed(ring, index, (key) => {
    const { met = 0, until = 0 } = key.limits.get(model) ?? {};
    // Several that ran when the limit was met are one meeting with it.
    const times = retryAfterMs === undefined && now >= until ? met + 1 : met;
    const waitMs =
      retryAfterMs === undefined
        ? Math.min(maxLimitMs, firstLimitMs * 2 ** Math.max(0, times - 1))
        : believed(retryAfterMs);
    return withLimit(key, model, { until: Math.max(until, now + waitMs), met: times }, now);
  });

/** The provider does not take the key: out for a minute, then four times as long each time, at most an hour. */
export const keyRefused = (ring: KeyRing, index: number, fault: KeyFault, now: Millis): KeyRing =>
  changed(ring, index, (key) => {
    // What was refused while the key is out was sent before that.
    if (key.outUntil > now) return key;
    const outMs = Math.min(maxOutMs, firstOutMs * outFactor ** key.refusals);
    return { ...key, outUntil: now + outMs, refusals: key.refusals + 1, fault, isListed: false };
  });

/** A listing was not answered to the key: it is not accepted. */
export const keyListingRefused = (ring: KeyRing, index: number, now: Millis): KeyRing =>
  changed(keyRefused(ring, index, 'unauthorized', now), index, (key) => ({ ...key, isListed: true }));

/**
 * A listing was answered to the key: it is accepted again where a listing had shown that it was not. Many answer a listing
 * to anybody, and then it tells nothing of a key that requests were refused with.
 */
export const keyAccepted = (ring: KeyRing, index: number): KeyRing => {
  const key = ring.keys[index];
  if (key?.fault !== 'unauthorized' || !key.isListed) return ring;
  return changed(ring, index, () => ({ ...fresh, limits: key.limits }));
};

const faultWords: Readonly<Record<KeyFault, string>> = {
  unauthorized: 'not accepted',
  forbidden: 'not allowed',
  payment: 'out of credit',
};

/** Why no key may be used for a model; undefined where one may. */
export const keylessFor = (ring: KeyRing, model: string, now: Millis): Keyless | undefined => {
  if (ring.keys.length === 0 || nextKey(ring, model, now) !== undefined) return undefined;
  let until = Infinity;
  const words = new Set<string>();
  for (const key of ring.keys) {
    until = Math.min(until, Math.max(key.outUntil, limitOf(key, model)));
    words.add(key.outUntil > now && key.fault !== undefined ? faultWords[key.fault] : 'rate limited');
  }
  const forSeconds = Math.max(1, Math.ceil((until - now) / 1000));
  return { until, reason: `no usable key (${[...words].join(', ')}) for ${forSeconds} s` };
};

const reportOf = (state: KeyState, key: number, now: Millis): KeyReport => {
  const { outUntil, fault } = state;
  if (outUntil > now) return { key, state: 'out', ...(fault && { fault }), forMs: Math.ceil(outUntil - now) };
  let until = 0;
  for (const limit of state.limits.values()) until = Math.max(until, limit.until);
  return until > now ? { key, state: 'limited', forMs: Math.ceil(until - now) } : { key, state: 'usable' };
};

/** What may be shown of every key. */
export const keyReports = ({ keys }: KeyRing, now: Millis): readonly KeyReport[] =>
  keys.map((key, index) => reportOf(key, index + 1, now));
