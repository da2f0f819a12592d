/**
 * How busy each host has been of late, from the work it was given: what tells a fair share from too much.
 * A structure that changes in place, touched once per dispatch; it has no clock. Pure otherwise. Imports spec.
 */

import type { BackendId, Millis } from '../spec/vocabulary.ts';

interface Work {
  readonly busyMs: Millis;
  readonly at: Millis;
}

/** Work of the last minutes per host, in milliseconds per slot, decaying. */
export type LoadShare = Map<BackendId, Work>;

/** Long enough to see a pattern over requests of many seconds, short enough to forget a burst. */
const forgetMs = 120_000;

/** A host may carry this much more than the mean before work that could as well go elsewhere does. */
const fairFactor = 1.25;

/** Utilisation that no comparison is made about, so that the first requests of a quiet fleet are not driven around. */
const negligible = 0.01;

/** Nothing known of any host. */
export const createLoadShare = (): LoadShare => new Map();

/** The share of the last minutes a host was busy: 1 means all its slots all the time, by the estimates it was given. */
export const utilisation = (share: LoadShare, backend: BackendId, now: Millis): number => {
  const work = share.get(backend);
  if (work === undefined) return 0;
  return (work.busyMs * Math.exp(-Math.max(0, now - work.at) / forgetMs)) / forgetMs;
};

/** Notes that a request of about `serviceMs` was sent to one of a host's slots. */
export const addWork = (
  share: LoadShare,
  backend: BackendId,
  work: { readonly serviceMs: Millis; readonly slots: number },
  now: Millis,
): void => {
  const busyMs = utilisation(share, backend, now) * forgetMs + work.serviceMs / Math.max(1, work.slots);
  share.set(backend, { busyMs, at: Math.max(now, share.get(backend)?.at ?? now) });
};

/** The most a host may be busy for its share to be fair: bounded load over these hosts' mean. */
export const fairLimit = (share: LoadShare, backends: readonly BackendId[], now: Millis): number => {
  let total = 0;
  for (const backend of backends) total += utilisation(share, backend, now);
  return (fairFactor * total) / Math.max(1, backends.length) + negligible;
};
