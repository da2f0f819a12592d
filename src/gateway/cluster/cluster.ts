/**
 * This instance among others: what it tells, what it hears, and whose turn it is. All of it runs on its own beat; requests
 * read what was heard last, and decide alone when nothing was. Shell.
 */

import type { HostKey } from '../../core/cluster/document.ts';
import { type Knowledge, noKnowledge } from '../../core/cluster/knowledge.ts';
import { isAlive, type Member } from '../../core/cluster/members.ts';
import { rankOf } from '../../core/cluster/ownership.ts';
import { hashText } from '../../core/hash.ts';
import { rank } from '../../core/rendezvous.ts';
import type { Ports } from '../../spec/ports.ts';
import type { StateSettings } from '../../spec/settings.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { Attachment } from '../../state/attachment.ts';
import { createSeal, type Ignored } from '../../state/envelope.ts';
import { newsWords } from '../../state/news-words.ts';
import { openStore } from '../../state/open-store.ts';
import { createReplica } from '../../state/replica.ts';
import type { Replica } from '../../state/replica-port.ts';
import { createServedStore } from '../../state/served-store.ts';
import type { StateStore } from '../../state/store.ts';
import type { Report } from '../../telemetry/events.ts';
import type { Discovery } from '../discovery.ts';
import type { Fleet } from '../fleet.ts';
import type { Host } from '../host.ts';
import type { Memory } from '../learning.ts';
import type { Quotas } from '../quotas.ts';
import type { Slots } from '../slots.ts';
import { countFlights } from './flights.ts';
import { createHearing } from './hearing.ts';
import { createHostKeys, type HostKeys } from './host-keys.ts';
import { createLoadGate, type LoadGate } from './load-gate.ts';
import { createPairRecords } from './pair-records.ts';
import { createProbeClaims } from './probe-claims.ts';
import { createSharedQuotas } from './shared-quotas.ts';
import { createTelling } from './telling.ts';
import { whoHas } from './who-has.ts';

/** How it stands with the others, for those who look. */
export interface ClusterState {
  readonly driver: StateSettings['driver'];
  readonly instance: string;
  readonly attachment: Attachment;
  /** This one included. */
  readonly instances: number;
  readonly ignored: ReadonlyMap<Ignored, number>;
}

export interface Cluster {
  readonly gate: LoadGate;
  readonly keys: HostKeys;
  /** How many share what only one at a time should do; this one included. */
  instances(): number;
  /** Whether another instance looks at the host, so that this one need not. */
  spares(host: Host): boolean;
  /** This instance looked at the host: what others told of models it had not met there holds for them now. */
  looked(host: Host): void;
  /** Begins to share; the store may take its time to open. */
  join(store: Promise<StateStore>): void;
  leave(): Promise<void>;
  /** The store in memory for those who ask this instance for it; undefined where the state is kept elsewhere. */
  served(): Promise<StateStore | undefined>;
  /** When this instance began, on its clock. */
  readonly bornAt: Millis;
  /** Requests that wait here. */
  waiting(): number;
  /** Undefined while it shares with nobody. */
  state(): ClusterState | undefined;
  knowledge(): Knowledge;
  members(): readonly (Member & { readonly key: string; readonly alive: boolean })[];
  own(): string;
  /** Whether the instance of that name said goodbye. */
  hasLeft(instance: string): boolean;
  /** The first in rank for a subject of those that have the host, by key. */
  firstFor(subject: string, host: HostKey): string;
}

export interface ClusterDeps {
  readonly fleet: Fleet;
  readonly slots: Slots;
  readonly memory: Memory;
  readonly discovery: Discovery;
  readonly quotas: Quotas;
  readonly ports: Ports;
  readonly report: Report;
  readonly settings: StateSettings;
  readonly hostname: string;
  readonly loadsChanged: (host: Host) => void;
  /** Called after each reading that brought something. */
  readonly heard: () => void;
}

/** A look of another instance spares the own one for as long. */
const lookCountsMs: Millis = 15_000;
/** Each instance looks for itself this often all the same, for listings are not shared. */
const ownLookMs: Millis = 30_000;

const nobody: readonly string[] = [];

/** Alone until it joins. */
export const createCluster = (deps: ClusterDeps): Cluster => {
  const { fleet, slots, ports, settings, report } = deps;
  const { clock, ids } = ports;
  const keys = createHostKeys(fleet, deps.hostname);
  const records = createPairRecords();
  let replica: Replica | undefined;
  let left = false;
  let lostOthers: number | undefined;
  const instance = settings.instance ?? `${deps.hostname.replace(/[^\w.-]/g, '')}-${ids().slice(0, 8)}`;

  const own = (): string => replica?.key() ?? '';
  const knowledge = (): Knowledge => replica?.knowledge() ?? noKnowledge;
  const isAttached = (): boolean => replica?.attachment().state === 'attached';
  const alive = (): readonly string[] => (isAttached() ? (replica?.alive() ?? nobody) : nobody);
  const others = (host: HostKey): readonly string[] => whoHas(alive(), knowledge(), host);

  const sharedQuotas = createSharedQuotas(deps.quotas);
  const gate = createLoadGate({ keys, knowledge, own, alive, touch: () => replica?.touch() });
  const telling = createTelling({
    fleet,
    slots,
    memory: deps.memory,
    keys,
    records,
    intents: gate,
    quotas: sharedQuotas,
    claims: createProbeClaims((subject, lifeMs) => replica?.claim(subject, lifeMs) ?? Promise.resolve(true)),
    clock,
    peer: () => settings.advertise,
    own,
    others,
  });
  const hearing = createHearing({
    fleet,
    memory: deps.memory,
    keys,
    records,
    discovery: deps.discovery,
    loadsChanged: deps.loadsChanged,
    own,
    others,
    knowledge,
  });

  const count = (now: Millis): void =>
    countFlights({ fleet, keys, own: own(), knowledge: knowledge(), lostOthers, records, now });

  const heard = (news: Knowledge, now: Millis): void => {
    hearing.hear(news, now);
    sharedQuotas.hear([...news.heads.values()], (replica?.alive().length ?? 0) + 1, now);
    count(now);
    deps.heard();
    slots.wake();
  };

  const start = (store: StateStore): void => {
    if (left) {
      void store.close();
      return;
    }
    replica = createReplica({
      store,
      seal: createSeal(settings.secret),
      clock,
      random: ports.random,
      ids,
      instance,
      head: telling.head,
      body: telling.body,
      heard,
      said: (news) => {
        if (news.what === 'detached') lostOthers = replica?.alive().length ?? 0;
        if (news.what === 'attached') lostOthers = undefined;
        // Those that were lost may be gone for good, and then nothing is heard that would count anew.
        count(clock.now());
        slots.wake();
        deps.quotas.shareAmong((lostOthers ?? 0) + 1, clock.now());
        report({ type: 'state', what: news.what, driver: settings.driver, reason: newsWords(news) });
      },
    });
    replica.start();
  };

  const join = (opening: Promise<StateStore>): void => {
    opening.then(start, () => {
      report({
        type: 'state',
        what: 'detached',
        driver: settings.driver,
        reason: 'the store cannot be opened',
      });
    });
  };

  let serving: Promise<StateStore> | undefined;
  const bornAt = clock.now();

  return {
    gate,
    bornAt,
    waiting: slots.waiting,
    served: async () => {
      if (settings.driver !== 'memory') return undefined;
      if (serving === undefined) {
        serving = openStore(settings, ports.fetch).then((store) => createServedStore(store, clock));
        join(serving);
      }
      return await serving;
    },
    keys,
    instances: () => alive().length + 1,
    spares: (host) => {
      const key = keys.host(host);
      const sharers = others(key);
      if (sharers.length === 0 || host.health.state !== 'up' || host.health.failures > 0) return false;
      const now = clock.now();
      if (now - host.lookedAt > lookCountsMs || now - (host.probedAt ?? -Infinity) > ownLookMs) return false;
      return rankOf(`look ${key}`, own(), sharers) > 0 && records.ofHost(host).heardLookAt !== undefined;
    },
    looked: (host) => {
      if (replica !== undefined) hearing.meet(host, clock.now());
    },
    join,
    leave: async () => {
      left = true;
      await replica?.stop();
    },
    state: () =>
      replica === undefined
        ? undefined
        : {
            driver: settings.driver,
            instance: replica.instance(),
            attachment: replica.attachment(),
            instances: replica.alive().length + 1,
            ignored: replica.ignored(),
          },
    knowledge,
    members: () => {
      const now = clock.now();
      return [...(replica?.members() ?? [])].map(([key, member]) => ({
        ...member,
        key,
        alive: isAlive(member, now),
      }));
    },
    own,
    hasLeft: (instance) =>
      [...(replica?.members().values() ?? [])].some((each) => each.instance === instance && each.leaving),
    firstFor: (subject, host) => rank(hashText(subject), [own(), ...others(host)])[0] ?? own(),
  };
};
