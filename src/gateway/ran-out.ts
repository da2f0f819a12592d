/** What it means for a host and a model that the model did not fit into its memory. Shell state. */

import { hostOutOfMemory, pairPinned } from '../core/health.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Failure } from './failure.ts';
import type { Host } from './host.ts';
import { healthOf, type Pair } from './pair.ts';
import { freeVramBytes } from './vram.ts';

/** The engine drives out all it holds before it gives up. */
export const ranOutOfMemory = (host: Host, pair: Pair, now: Millis): void => {
  host.health = hostOutOfMemory(host.health, pair.upstream, now);
  host.evictedAt = now;
  pair.heardAt = -Infinity;
};

/** A load that no request stood behind failed: only a lack of memory says something of the requests to come. */
export const learnFailedLoad = (host: Host, pair: Pair, failure: Failure, now: Millis): void => {
  if (failure.consequence.flag !== 'pinned') return;
  const facts = {
    contextTokens: undefined,
    needBytes: pair.card.sizeBytes,
    freeBytes: freeVramBytes(host.vram),
  };
  pair.health = pairPinned(healthOf(pair), facts, now);
  ranOutOfMemory(host, pair, now);
};
