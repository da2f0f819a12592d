/** What decides on a load: what it is to put in memory, and what is there already. Shell state in, values out. */

import type { ResidencyCall } from '../backends/backend.ts';
import { runnerOptions } from '../core/context-policy.ts';
import type { LoadFacts, LoadRequest, ResidentModel } from '../core/loads.ts';
import { ratesAt } from '../core/rates.ts';
import { asObject } from '../spec/json.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Host } from './host.ts';
import { type Pair, residencyOf } from './pair.ts';
import { freeVramBytes } from './vram.ts';

/** What is to be loaded where, and how. */
export interface LoadWish {
  readonly host: Host;
  readonly pair: Pair;
  readonly call: ResidencyCall;
  /**
   * How it stands to what is in use there. `soon`: waits for it, but not longer than a load takes, since then the wait
   * has cost what it was to save. `spare`: only where nothing has to go. `now`: somebody said so.
   */
  readonly manner: 'soon' | 'spare' | 'now';
}

/** What a model takes in memory beyond its weights. */
const memoryFactor = 1.1;

/** The wish as the rules on loads take it. */
export const requestOf = ({ host, pair, call }: LoadWish): LoadRequest => ({
  backend: host.backend.options.id,
  model: pair.upstream,
  options: runnerOptions(asObject(call.body.options) ?? {}),
});

const residentsOf = (host: Host, now: Millis): readonly ResidentModel[] => {
  const residents: ResidentModel[] = [];
  for (const pair of host.pairs.values()) {
    if (residencyOf(pair, host, now).state !== 'hot') continue;
    const { upstream, card, heardAt, loadedAt, inflight } = pair;
    residents.push({
      model: upstream,
      options: undefined,
      sizeBytes: card.loaded?.sizeVramBytes ?? card.sizeBytes,
      loadedAt,
      lastUsedAt: heardAt,
      inflight,
      demand: inflight,
    });
  }
  return residents;
};

/** How long it will take there. */
export const expectedMsOf = ({ pair }: LoadWish, now: Millis): Millis => ratesAt(pair.rates, now).loadMs;

/** All that the rules need to know of the host. */
export const factsOf = (wish: LoadWish, now: Millis): LoadFacts => {
  const { host, pair, manner } = wish;
  const { sizeBytes } = pair.card;
  const known = manner === 'now' ? undefined : freeVramBytes(host.vram, host.gpu);
  return {
    residents: manner === 'now' ? [] : residentsOf(host, now),
    neededBytes: sizeBytes === undefined ? undefined : memoryFactor * sizeBytes,
    freeBytes: known,
    demand: 1,
    expectedMs: expectedMsOf(wish, now),
    deadlineAt: undefined,
    barred: undefined,
  };
};
