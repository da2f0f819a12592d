/** Plays a hostile plan against several instances that share a store, and says which invariants were broken. */

import { makeCall } from '../../src/simulation/caller.ts';
import type { Member } from '../../src/simulation/members.ts';
import { type Audience, moment, playLoad } from '../../src/simulation/play.ts';
import { createTrace } from '../../src/simulation/trace.ts';
import { createHosts, type Hosts } from '../../src/simulation/world.ts';
import { createSeededRandom, hashText } from '../../src/simulator/seeded-random.ts';
import { createVirtualClock } from '../../src/simulator/virtual-clock.ts';
import type { Fetch } from '../../src/spec/ports.ts';
import { checkedFleet } from './checked-fleet.ts';
import { sampleMs } from './cluster-beliefs.ts';
import { createClusterInvariants } from './cluster-invariants.ts';
import type { Peer } from './cluster-peer.ts';
import type { ClusterPlan, RouterMishap } from './cluster-plan.ts';
import { createHostileRouter, type HostileRouter } from './hostile-router.ts';
import { type HostileResult, strike } from './hostile-run.ts';
import { createHostileStore, soundStore } from './hostile-store.ts';

/** One of the world's instances: the process that lives now, and those that crashed. */
interface Place {
  readonly index: number;
  readonly lives: HostileRouter[];
  living: (HostileRouter & Peer) | undefined;
  readonly cutFrom: Set<string>;
}

const quietMs = 8_000;
/** Who asks last, and has no limit. */
const patient = 'patient';
const limitMs = 3_600_000;
/** Within this time decisions are the same again after whatever kept an instance from the others. */
const settleMs = 5_000;
/** A writing that was lost in silence is made up for by the next one only. */
const settleHostileMs = 20_000;
/** Twice the longest rest of a breaker and the way back. */
const revivalMs = 90_000;
const revivalEveryMs = 3_000;
/** No answer of a hostile store is under way for longer. */
const latestWriteMs = 10_000;

/** Calls of one instance to a host that it is cut from come to nothing. */
const cuttable = (fetch: Fetch, cutFrom: ReadonlySet<string>): Fetch => {
  return async (url, init) => {
    if (cutFrom.has(new URL(url).host)) throw new TypeError('fetch failed');
    return await fetch(url, init);
  };
};

/** The hosts that no connection reaches. */
const goneOf = async (members: readonly Member[], { fetch }: Hosts): Promise<ReadonlySet<string>> => {
  const gone = new Set<string>();
  const { signal } = new AbortController();
  for (const { id, origin } of members)
    await fetch(`${origin}/`, { method: 'GET', headers: {}, signal }).catch(() => gone.add(id));
  return gone;
};

/** One world from its first event to the quiet after its last. */
export const runHostileCluster = async (
  plan: ClusterPlan,
  keep?: (line: string) => void,
): Promise<HostileResult> => {
  const { fleet, load, seed, strategy } = plan;
  const trace = createTrace(keep);
  const random = createSeededRandom(Math.imul(seed + 77, 0x85ebca77));
  const secretOf = (name: string): string => `the-key-of-${name}`;
  const keys = plan.keys.map((key) => ({ ...key, key: secretOf(key.name) }));
  const auth = { keys: keys.length === 0 ? [] : [...keys, { name: patient, key: secretOf(patient) }] };
  /** A conversation keeps its key; those that only look whether all came back have no limit. */
  const keyOf = (id: string): string | undefined => {
    const [conversation = ''] = id.split('.');
    return conversation === 'revival' ? patient : plan.keys[hashText(conversation) % plan.keys.length]?.name;
  };
  const { members, config } = checkedFleet(
    { ...fleet, settings: { ...fleet.settings, auth } },
    { seed, strategy, tokens: 'single' },
  );
  const places: readonly Place[] = Array.from({ length: plan.routers }, (_, index) => ({
    index,
    lives: [],
    living: undefined,
    cutFrom: new Set<string>(),
  }));
  const alive = (): (HostileRouter & Peer)[] => places.flatMap(({ living }) => living ?? []);
  const all = (): HostileRouter[] => places.flatMap(({ lives }) => lives);
  const world = createVirtualClock(undefined, () => {
    for (const { invariants } of alive()) invariants.turn();
    rules.turn();
  });
  const rules = createClusterInvariants({
    now: world.now,
    peers: alive,
    latestWriteMs: plan.store === 'hostile' ? latestWriteMs : 0,
  });
  const hosts = createHosts(members, world, () => undefined);
  const store = createHostileStore(world, createSeededRandom(seed + 5));

  const start = (place: Place, as: 'the-same' | 'another'): void => {
    const { index, lives, cutFrom } = place;
    const life = lives.length;
    const router = createHostileRouter({
      // What an instance is called begins with the first eight characters.
      name: `${as === 'the-same' ? 'router' : `newly${life}`}${index}.${life}`,
      config,
      world,
      seed: seed + index + 100 * life,
      trace,
      network: cuttable(hosts.fetch, cutFrom),
      store: store.way(index),
      guarded: plan.guardian !== undefined,
      onAttempt: (attempt) => {
        if (place.living !== undefined) rules.attempt({ peer: place.living, attempt });
      },
      hand: (request, take) => {
        const key = keyOf(request.headers.get('x-request-id') ?? '');
        const { living } = place;
        const before = key === undefined ? undefined : living?.shared.quota(key)?.count;
        const answer = take(request);
        if (key !== undefined && living !== undefined && before !== undefined)
          rules.arrived({ peer: living, key, passed: living.shared.quota(key)?.count !== before });
        return answer;
      },
    });
    lives.push(router);
    const { bornAt, clock, facts } = router;
    place.living = {
      ...router,
      isTrial: facts.isTrial,
      inTouchSince: () =>
        (plan.store === 'hostile' ? settleHostileMs : settleMs) +
        Math.max(bornAt, clock.pausedUntil(), store.troubledUntil(index)),
    };
  };

  const crash = (place: Place, { forMs, comesBackAs }: Extract<RouterMishap, { what: 'crash' }>): void => {
    const { living } = place;
    if (living === undefined) return;
    rules.crashes(living);
    place.living = undefined;
    living.crash();
    world.after(forMs, () => start(place, comesBackAs));
  };

  const befall = (mishap: RouterMishap): void => {
    const place = places[mishap.router];
    if (place === undefined) return;
    const { index, living, cutFrom } = place;
    switch (mishap.what) {
      case 'pause':
        living?.clock.pause(mishap.forMs);
        return;
      case 'step':
        living?.clock.step(mishap.byMs);
        return;
      case 'crash':
        crash(place, mishap);
        return;
      case 'alone':
        store.cut(index);
        world.after(mishap.forMs, () => store.heal(index));
        return;
      case 'cut':
        cutFrom.add(mishap.host);
        world.after(mishap.forMs, () => cutFrom.delete(mishap.host));
    }
  };

  for (const place of places) start(place, 'the-same');
  for (const mishap of plan.routerMishaps) world.after(mishap.at, () => befall(mishap));
  for (const mishap of plan.mishaps) {
    world.after(mishap.at, () => {
      if (mishap.what === 'kill') rules.restarted(mishap.host);
      strike(mishap, hosts, {
        lie: (host, tells) => {
          for (const { network } of alive()) network.lie(host, tells);
        },
        after: (ms, run) => world.after(ms, run),
      });
    });
  }
  const { durationMs } = load;
  if (plan.store === 'hostile') {
    store.faults({ refused: 0.05, late: 0.05, lost: 0.05, stale: 0.1, torn: 0.02 });
    const at = random() * durationMs;
    world.after(at, () => store.faults({ ...soundStore, refused: 1 }));
    world.after(at + 15_000, () => store.faults({ ...soundStore, late: 0.2, stale: 0.2 }));
  }
  if (plan.store !== 'sound') world.after(random() * durationMs, store.wipe);
  const sample = (): void => {
    rules.sample();
    world.after(sampleMs, sample);
  };
  sample();

  const ends = { done: 0, refused: 0, cut: 0, left: 0 };
  const askedOf = new Map<string, HostileRouter>();
  const audience: Audience = {
    // Whoever balances callers over instances finds one that lives.
    handler: async (request) => {
      const router = askedOf.get(request.headers.get('x-request-id') ?? '');
      if (router === undefined) throw new TypeError('nobody listens');
      const key = keyOf(request.headers.get('x-request-id') ?? '');
      if (plan.keys.length > 0 && key !== undefined) request.headers.set('x-api-key', secretOf(key));
      return await router.handler(request);
    },
    clock: world,
    asked: (id) => {
      const living = alive();
      const router = living[hashText(id) % living.length];
      if (router === undefined) return;
      askedOf.set(id, router);
      router.invariants.asked(id);
    },
    heard: (id, what) => {
      const invariants = askedOf.get(id)?.invariants;
      if (what === 'content') invariants?.content(id);
      else invariants?.left(id);
    },
    ended: (id, result) => {
      ends[result.end] += 1;
      trace.add(world.now(), 'end', id, result.end, result.status, result.firstContentAt, result.text.length);
      askedOf.get(id)?.invariants.ended(id, result);
    },
  };
  const playing = playLoad(load, audience);
  await world.until(Promise.race([playing, moment(world, limitMs)]), 2 * limitMs);

  // All faults end; what was set aside comes back while it is asked for.
  store.faults(soundStore);
  const healedAt = Math.max(
    world.now(),
    ...plan.mishaps.map(
      ({ at, ...mishap }) => at + ('forMs' in mishap ? mishap.forMs : (mishap.fault.forMs ?? 0)),
    ),
    ...plan.routerMishaps.map(({ at, ...mishap }) => at + ('forMs' in mishap ? mishap.forMs : 0)),
  );
  await world.until(moment(world, healedAt));
  const models = Object.keys(Object.assign({}, ...Object.values(load.classes).map((each) => each.models)));
  const revival: Promise<void>[] = [];
  for (let turn = 0; turn * revivalEveryMs < revivalMs; turn += 1) {
    const id = `revival.${turn}`;
    const model = models[turn % models.length] ?? '';
    audience.asked(id);
    const messages = [{ role: 'user', content: `hello #${id} [4]` }] as const;
    const heard = (what: 'content' | 'left'): void => audience.heard?.(id, what);
    const call = {
      id,
      dialect: 'ollama',
      model,
      stream: true,
      messages,
      headers: {},
      leavesAfterMs: undefined,
    } as const;
    revival.push(makeCall(call, { ...audience, heard }).then((result) => audience.ended(id, result)));
    await world.until(moment(world, world.now() + revivalEveryMs));
  }
  await world.until(Promise.race([Promise.all(revival), moment(world, world.now() + limitMs)]), 2 * limitMs);
  await world.until(moment(world, world.now() + quietMs));
  rules.revived(healedAt, await world.until(goneOf(members, hosts)));
  rules.quiet();
  for (const { invariants } of all()) invariants.quiet();
  for (const { app } of alive()) app.stop();
  return {
    breaches: [
      ...rules.breaches,
      ...all().flatMap(({ name, invariants }) => invariants.breaches.map((line) => `${name}: ${line}`)),
    ],
    traceHash: trace.hash(),
    requests: Object.values(ends).reduce((sum, each) => sum + each, 0),
    ends,
    attempts: all().reduce((sum, { network }) => sum + network.attempts.length, 0),
    virtualMs: world.now(),
  };
};
