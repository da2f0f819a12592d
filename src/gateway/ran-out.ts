/** What it means for a host and a model that the model did not fit into its memory. Shell state. */

import { hostOutOfMemory, pairPinned } from '../core/health.ts';
import type { PinFacts } from '../core/pins.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Failure } from './failure.ts';
import type { Host } from './host.ts';
import { healthOf, type Pair } from './pair.ts';

/** All of the memory was free for it when it did not fit: the engine had driven out what else it held. */
export const pinFactsOf = ({ vram }: Host, { card }: Pair, contextTokens: number | undefined): PinFacts => ({
  contextTokens,
  needBytes: card.sizeBytes,
  freeBytes: vram.wasFull ? vram.mostBytes : undefined,
});

/** The engine drives out all it holds before it gives up. */
export const ranOutOfMemory = (host: Host, pair: Pair, now: Millis): void => {
  host.health = hostOutOfMemory(host.health, pair.upstream, now);
  host.evictedAt = now;
  pair.heardAt = -Infinity;
};

/** A load that no request stood behind failed: only a lack of memory says something of the requests to come. */
export const learnFailedLoad = (host: Host, pair: Pair, failure: Failure, now: Millis): void => {
  if (failure.consequence.flag !== 'pinned') return;
  pair.health = pairPinned(healthOf(pair), pinFactsOf(host, pair, undefined), now);
  ranOutOfMemory(host, pair, now);
};
