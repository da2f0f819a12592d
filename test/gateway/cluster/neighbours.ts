/** What one instance makes of hosts and of what others say of them, without a store and without time. */

import type { Body, Head } from '../../../src/core/cluster/document.ts';
import { type Knowledge, noKnowledge } from '../../../src/core/cluster/knowledge.ts';
import { createHearing } from '../../../src/gateway/cluster/hearing.ts';
import { createHostKeys } from '../../../src/gateway/cluster/host-keys.ts';
import { createPairRecords } from '../../../src/gateway/cluster/pair-records.ts';
import { createTelling } from '../../../src/gateway/cluster/telling.ts';
import type { Discovery } from '../../../src/gateway/discovery.ts';
import type { Host } from '../../../src/gateway/host.ts';
import { createMemory } from '../../../src/gateway/learning.ts';
import type { Pair } from '../../../src/gateway/pair.ts';
import type { Slots } from '../../../src/gateway/slots.ts';
import type { BodyFacts, HeadFacts } from '../../../src/state/replica-port.ts';
import { emptyHead } from '../../core/cluster/empty-head.ts';
import { noBody } from '../../state/lone-replica.ts';
import { bench } from '../scripted.ts';

const stamped = { boot: 'boot', sequence: 1, upMs: 0 };

/** A head of an instance that says nothing else. */
export const headOf = (instance: string, facts: Partial<Head> = {}): Head => ({
  ...{ ...emptyHead, ...stamped, instance },
  ...facts,
});

/** A body of an instance that says nothing else. */
export const bodyOf = (instance: string, facts: Partial<Body> = {}): Body => ({
  ...{ ...stamped, ...noBody, instance },
  ...facts,
});

const unused = (): never => {
  throw new Error('nobody is served here');
};

/** A line in which so many wait for any host. */
export const idleSlots = (waiting = 0): Slots => ({
  ...{ acquire: unused, look: unused, release: unused, refuseAll: unused, wake: () => undefined },
  ...{ waiting: () => waiting, waitingFor: () => waiting },
});

/** Hosts with four slots and one model, which were looked at once; `box` is a sidecar. */
export const someHosts = async (...names: readonly string[]) => {
  const { app } = await bench(
    Object.fromEntries(names.map((name) => [name, { kind: name === 'box' ? 'peer' : 'ollama', slots: 4 }])),
  );
  const { fleet } = app.gateway;
  const hostOf = (name: string): Host => {
    const host = fleet.host(name);
    if (host === undefined) throw new Error(`no host ${name}`);
    return host;
  };
  const pairOf = (name: string): Pair => {
    const pair = hostOf(name).pairs.get('m:latest');
    if (pair === undefined) throw new Error(`${name} has no model`);
    return pair;
  };
  return { fleet, hostOf, pairOf };
};

/** An instance of that key before the hosts `a` and `b` and the sidecar `box`, beside others. */
export const neighbour = async (own = 'own', others: readonly string[] = ['other']) => {
  const hosts = await someHosts('a', 'b', 'box');
  const { fleet } = hosts;
  const looks: string[] = [];
  const loads: string[] = [];
  const discovery: Discovery = {
    start: () => undefined,
    look: async (host) => void looks.push(host.backend.options.id),
    settled: async () => undefined,
    stop: () => undefined,
  };
  const keys = createHostKeys(fleet, 'box');
  const records = createPairRecords();
  const memory = createMemory();
  let known: Knowledge = noKnowledge;
  const shared = { fleet, memory, keys, records, own: () => own, others: () => others };
  const hearing = createHearing({
    ...{ ...shared, discovery, knowledge: () => known },
    loadsChanged: (host) => void loads.push(host.backend.options.id),
  });
  const telling = createTelling({
    ...{ ...shared, slots: idleSlots(), intents: { told: () => [] }, claims: { resting: () => undefined } },
    clock: { now: () => 0, wallMs: () => 0, after: () => () => undefined },
    peer: () => undefined,
    quotas: { told: () => new Map() },
  });
  return {
    ...{ ...hosts, keys, records, memory, looks, loads, hearing },
    /** Hears it, and knows nothing else of anybody. */
    hear: (news: Knowledge, now: number): void => {
      known = news;
      hearing.hear(news, now);
    },
    head: (now: number): HeadFacts => telling.head(now),
    body: (now: number): BodyFacts | undefined => telling.body(now),
  };
};
