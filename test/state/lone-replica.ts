/** A replica on a virtual clock before a store in memory, with all that it tells in the hands of a test. */

import type { Knowledge } from '../../src/core/cluster/knowledge.ts';
import { createSeededRandom } from '../../src/simulator/seeded-random.ts';
import type { VirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Millis } from '../../src/spec/vocabulary.ts';
import { createSeal } from '../../src/state/envelope.ts';
import { createReplica } from '../../src/state/replica.ts';
import type { BodyFacts, HeadFacts, Replica } from '../../src/state/replica-port.ts';
import type { StateStore } from '../../src/state/store.ts';
import { nothingTold } from '../core/cluster/empty-head.ts';

export interface TestStore extends StateStore {
  /** While set, every call fails. */
  down: boolean;
  /** Calls so far, by name. */
  readonly calls: string[];
}

/** One instance's way to a store that others share. */
export const createWay = (inner: StateStore, claim?: StateStore['claim']): TestStore => {
  const tried = async <Answer>(name: string, call: () => Promise<Answer>): Promise<Answer> => {
    store.calls.push(name);
    if (store.down) throw new Error('redis://me:secret@box is away');
    return await call();
  };
  const store: TestStore = {
    down: false,
    calls: [],
    keys: () => tried('keys', inner.keys),
    read: (keys) => tried('read', () => inner.read(keys)),
    write: (key, text, lifeMs) => tried('write', () => inner.write(key, text, lifeMs)),
    remove: (key) => tried('remove', () => inner.remove(key)),
    close: async () => undefined,
    ...(claim === undefined ? {} : { claim: (key, lifeMs) => tried('claim', () => claim(key, lifeMs)) }),
  };
  return store;
};

/** Nothing to tell at length. */
export const noBody: BodyFacts = {
  ...{
    hosts: undefined,
    breakers: new Map(),
    pins: new Map(),
    residents: new Map(),
    rates: new Map(),
    exceptions: [],
  },
};

export interface LoneReplica {
  readonly replica: Replica;
  /** What it tells; a body is written where it is another one than before. */
  head: Partial<HeadFacts>;
  body: BodyFacts | undefined;
  readonly heard: { readonly news: Knowledge; readonly at: Millis }[];
  readonly said: string[];
}

/** Begins at once. */
export const startReplica = (
  clock: VirtualClock,
  store: StateStore,
  name: string,
  boot = name,
): LoneReplica => {
  let lastBody: BodyFacts | undefined;
  const lone: LoneReplica = {
    replica: createReplica({
      ...{ store, clock, instance: name, random: createSeededRandom(1), seal: createSeal('a long secret') },
      ids: () => boot,
      head: () => ({ ...nothingTold, ...lone.head }),
      body: () => {
        if (lone.body === lastBody) return undefined;
        lastBody = lone.body;
        return lastBody;
      },
      heard: (news, at) => lone.heard.push({ news, at }),
      said: ({ what, reason }) => lone.said.push(`${what}: ${reason ?? ''}`),
    }),
    head: {},
    body: undefined,
    heard: [],
    said: [],
  };
  lone.replica.start();
  return lone;
};
