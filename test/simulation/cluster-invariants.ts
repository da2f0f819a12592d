/**
 * What must hold between instances, beside what must hold in each. What two of them cannot have told each other yet is no
 * breach: a rule binds those that were in touch, each with the store and running, and binds them a second later, which is
 * less than a step of the rank in which they act. Who is not in touch stands for itself, and its own rules bind it.
 *
 * Not here: what concerns one request (I1, I3, I6, I7, I12, I14) is checked in the instance that has it; I9 and I11 are how
 * a world is played (a bad store under a sound host, and again without steps of the clock); I13 cannot apply, since no
 * caller has a quota and what a provider allows a key is not shared.
 */

import {
  joinKnowledge,
  type Knowledge,
  knowledgeOfBody,
  knowledgeOfHead,
  noKnowledge,
} from '../../src/core/cluster/knowledge.ts';
import { staleMs } from '../../src/core/cluster/members.ts';
import { type BreakerFact, compareBreakers } from '../../src/core/cluster/shared-breaker.ts';
import { type ClusterFacts, plainName, type SharedPair } from './cluster-facts.ts';
import type { Attempt } from './watched-network.ts';

/** An instance that lives, as the rules see it. */
export interface Peer {
  readonly name: string;
  readonly shared: ClusterFacts;
  readonly isTrial: (host: string, model: string) => boolean;
  /** Since when it hears all others and all hear it; in the future while it does not. */
  readonly inTouchSince: () => number;
}

export interface ClusterInvariants {
  /** Before a call goes out. */
  readonly attempt: (peer: Peer, attempt: Attempt) => void;
  /** After every event. */
  readonly turn: () => void;
  /** Now and then: what is compared by the second. */
  readonly sample: () => void;
  /** A host began anew, so that what was known of it need not hold. */
  readonly restarted: (host: string) => void;
  /** Just before it does. */
  readonly crashed: (peer: Peer) => void;
  /** When the faults ended long ago. */
  readonly revived: (healedAt: number) => void;
  readonly breaches: readonly string[];
}

export interface ClusterInvariantOptions {
  readonly now: () => number;
  readonly peers: () => readonly Peer[];
  /** The longest that a writing may be under way. */
  readonly latestWriteMs: number;
}

/** A beat to write, two to read, and the store's own time. */
const visibleMs = 1_000;
/** How often it is looked. */
export const sampleMs = 250;
const lawsEveryMs = 10_000;

interface Going {
  readonly peer: Peer;
  readonly attempt: Attempt;
}

interface Mark {
  readonly text: string;
  readonly since: number;
  readonly fact: SharedPair;
}

interface Level {
  readonly at: number;
  readonly inflight: number;
}

/** What an instance tells, without the times, which each counts on its own clock. */
const markOf = ({ breaker: { epoch, phase, openings }, pin }: SharedPair, now: number): string =>
  `${epoch} ${phase} ${openings} ${pin !== undefined && pin.until > now ? pin.times : 0}`;

const isResting = ({ phase }: BreakerFact): boolean => phase === 'open' || phase === 'probing';

/** All of it as one text, however it was joined; of one writing each reader has its own times. */
const textOf = ({ heads, bodies, breakers, pins }: Knowledge): string =>
  JSON.stringify([
    [...heads].map(([key, { boot, sequence }]) => [key, boot, sequence]).sort(),
    [...bodies].map(([key, { boot, sequence }]) => [key, boot, sequence]).sort(),
    [...breakers].map(([key, fact]) => [key, fact.epoch, fact.phase, fact.openings, fact.until]).sort(),
    [...pins].map(([key, fact]) => [key, fact.epoch, fact.times, fact.until, fact.contextTokens]).sort(),
  ]);

/** What an instance heard, with all that stands in it. */
const heardBy = ({ heads, bodies }: Knowledge): Knowledge => {
  let all = noKnowledge;
  for (const [key, head] of heads) all = joinKnowledge(all, knowledgeOfHead(key, head));
  for (const [key, body] of bodies) all = joinKnowledge(all, knowledgeOfBody(key, body));
  return all;
};

/** Follows a world and collects its breaches. */
export const createClusterInvariants = ({
  now,
  peers,
  latestWriteMs,
}: ClusterInvariantOptions): ClusterInvariants => {
  const breaches: string[] = [];
  let going: Going[] = [];
  let trials: Going[] = [];
  const marks = new Map<string, Mark>();
  const levels = new Map<string, Level[]>();
  const answeredAt = new Map<string, number>();
  const failedAt = new Map<string, number>();
  const restartedAt = new Map<string, number>();
  const dead: { readonly name: string; readonly at: number }[] = [];
  /** What others had open when one crashed. */
  let untouched: readonly Going[] = [];
  let lawsAt = 0;

  const breach = (rule: string, text: string): void => {
    if (breaches.length < 20) breaches.push(`${rule} at ${Math.round(now())} ms: ${text}`);
  };
  const inTouch = (since: number, ...those: readonly Peer[]): boolean =>
    those.every((peer) => peer.inTouchSince() <= since);

  const checkTrial = (peer: Peer, attempt: Attempt): void => {
    const { host, model } = attempt;
    const living = peers();
    trials = trials.filter(
      (other) =>
        living.includes(other.peer) &&
        other.attempt.endedAt === undefined &&
        other.attempt.chunks.length === 0,
    );
    if (!peer.isTrial(host, model)) return;
    for (const other of trials) {
      const isSame = other.attempt.host === host && other.attempt.model === model;
      if (!isSame || other.peer === peer || !inTouch(other.attempt.startedAt, peer, other.peer)) continue;
      const forMs = Math.round(now() - other.attempt.startedAt);
      breach('I4', `${peer.name} tries ${model} on ${host} while ${other.peer.name} does, since ${forMs} ms`);
    }
    trials.push({ peer, attempt });
  };

  /** The first load after a pin's time may cost the host what it holds: only while nobody uses that. */
  const checkPinTrial = (peer: Peer, { host, model }: Attempt): void => {
    const pair = peer.shared.pairs(now()).find((each) => each.host === host && each.model === plainName(model));
    if (pair?.pin === undefined || pair.isHot || pair.pin.until > now()) return;
    for (const other of going) {
      if (other.peer === peer || other.attempt.host !== host) continue;
      if (other.attempt.startedAt > now() - visibleMs || !inTouch(other.attempt.startedAt, peer, other.peer))
        continue;
      breach('I15', `${peer.name} tries whether ${model} fits ${host} while ${other.peer.name} uses it`);
    }
  };

  const checkLoads = (): void => {
    const loads = new Map<string, { peer: Peer; startedAt: number }>();
    for (const peer of peers()) {
      for (const { id, loading } of peer.shared.hosts()) {
        if (loading === undefined) continue;
        const key = `${loading.model} on ${id}`;
        const other = loads.get(key);
        const since = Math.min(loading.startedAt, other?.startedAt ?? Infinity);
        if (other !== undefined && inTouch(since, peer, other.peer))
          breach('I5', `${peer.name} and ${other.peer.name} both load ${key}`);
        loads.set(key, { peer, startedAt: loading.startedAt });
      }
    }
  };

  /** The least that an instance held of a host within the last second: what all others can know of. */
  const steady = (name: string, host: string): number => {
    const before = levels.get(`${name} ${host}`) ?? [];
    while ((before[1]?.at ?? Infinity) <= now() - visibleMs) before.shift();
    const isNew = (before[0]?.at ?? Infinity) > now() - visibleMs;
    return isNew ? 0 : Math.min(...before.map(({ inflight }) => inflight));
  };

  const checkSlots = (): void => {
    const living = peers();
    for (const peer of living) {
      for (const { id, inflight, slots } of peer.shared.hosts()) {
        const key = `${peer.name} ${id}`;
        const known = levels.get(key) ?? [];
        const last = known.at(-1)?.inflight ?? 0;
        if (inflight === last) continue;
        levels.set(key, [...known, { at: now(), inflight }]);
        if (inflight < last) continue;
        let others = 0;
        for (const other of living) {
          if (other !== peer && inTouch(now() - visibleMs, peer, other)) others += steady(other.name, id);
        }
        if (others > 0 && inflight + others > slots)
          breach(
            'I2',
            `${peer.name} takes slot ${inflight} of ${slots} on ${id}, ${others} of which are taken`,
          );
      }
    }
  };

  /** Why a pin may end before its time: content came, or the host began anew. */
  const isFact = ({ host, model }: SharedPair, since: number): boolean =>
    (answeredAt.get(`${host} ${model}`) ?? -1) >= since - visibleMs ||
    (restartedAt.get(host) ?? -Infinity) >= since - staleMs;

  const noteMarks = (): void => {
    for (const { attempt } of going) {
      const { host, chunks, endedAt, status = 0 } = attempt;
      const model = plainName(attempt.model);
      if (chunks.length > 0) answeredAt.set(`${host} ${model}`, now());
      if (endedAt !== undefined && (status !== 200 || chunks.length === 0))
        failedAt.set(`${host} ${model}`, now());
    }
    going = going.filter(({ peer, attempt }) => attempt.endedAt === undefined && peers().includes(peer));
    const before = new Map(marks);
    marks.clear();
    for (const peer of peers()) {
      for (const fact of peer.shared.pairs(now())) {
        const key = `${peer.name} ${fact.host} ${fact.model}`;
        const text = markOf(fact, now());
        const known = before.get(key);
        marks.set(key, { text, since: known?.text === text ? known.since : now(), fact });
        if (known?.text === text) continue;
        const { pin } = known?.fact ?? {};
        const isGone = pin !== undefined && pin.until > now() && (fact.pin?.times ?? 0) < pin.times;
        if (isGone && !isFact(fact, known?.since ?? 0))
          breach('I15', `${peer.name} let go of the pin of ${fact.model} on ${fact.host} for nothing`);
      }
    }
  };

  const compare = (peer: Peer, other: Peer): void => {
    for (const theirs of other.shared.pairs(now())) {
      const { host, model } = theirs;
      const told = marks.get(`${other.name} ${host} ${model}`);
      const known = marks.get(`${peer.name} ${host} ${model}`);
      if (told === undefined || known === undefined) continue;
      // Both have said the same for so long that the other must have heard it.
      const since = now() - visibleMs - sampleMs;
      if (told.since > since || told.text === known.text || !inTouch(told.since, peer, other)) continue;
      const order = compareBreakers(theirs.breaker, known.fact.breaker);
      if (order > 0 && (isResting(theirs.breaker) || isResting(known.fact.breaker)))
        breach(
          'I8',
          `${other.name} says ${told.text} of ${model} on ${host}, ${peer.name} still ${known.text}`,
        );
      const isPinned = (mark: Mark): boolean => (mark.fact.pin?.until ?? 0) > now() + visibleMs;
      if (known.since <= since && isPinned(told) && !isPinned(known))
        breach('I15', `${other.name} keeps ${model} away from ${host}, ${peer.name} does not`);
    }
  };

  const checkAgreement = (): void => {
    const together = peers().filter((peer) => inTouch(now(), peer));
    for (const peer of together) {
      for (const other of together) if (peer !== other) compare(peer, other);
    }
  };

  const checkLaws = (): void => {
    const [one = noKnowledge, two = noKnowledge, three = noKnowledge] = peers().map(({ shared }) =>
      heardBy(shared.knowledge()),
    );
    const joined = joinKnowledge(one, two);
    if (textOf(joinKnowledge(one, one)) !== textOf(one))
      breach('I8', 'to hear all twice changes what is known');
    if (textOf(joined) !== textOf(joinKnowledge(two, one)))
      breach('I8', 'the order of two changes what is known');
    if (textOf(joinKnowledge(joined, three)) !== textOf(joinKnowledge(one, joinKnowledge(two, three))))
      breach('I8', 'the order of three changes what is known');
  };

  /** What is dead counts for nothing: neither its word nor its slots. */
  const checkDead = (): void => {
    for (const peer of peers()) {
      const { heads } = peer.shared.knowledge();
      for (const { name, at } of dead) {
        // Who hears of it for the first time takes that for a sign of life.
        const heardAt = Math.max(at + latestWriteMs, peer.inTouchSince());
        if (now() < heardAt + staleMs + visibleMs) continue;
        if ([...heads.values()].some(({ boot }) => boot.startsWith(`${name}-`)))
          breach('dead', `${peer.name} still counts ${name}, which is gone`);
      }
      if (heads.size > 0) continue;
      for (const { id, elsewhere } of peer.shared.hosts()) {
        if (elsewhere > 0) breach('dead', `${peer.name} counts ${elsewhere} in flight on ${id} of nobody`);
      }
    }
  };

  return {
    breaches,
    attempt: (peer, attempt) => {
      checkTrial(peer, attempt);
      checkPinTrial(peer, attempt);
      going.push({ peer, attempt });
    },
    turn: () => {
      checkLoads();
      checkSlots();
      for (const { peer, attempt } of untouched) {
        if (attempt.endedAt !== undefined)
          breach('dead', `${attempt.requestId} of ${peer.name} ended with another instance`);
      }
      untouched = [];
    },
    sample: () => {
      noteMarks();
      checkAgreement();
      checkDead();
      if (now() < lawsAt) return;
      lawsAt = now() + lawsEveryMs;
      checkLaws();
    },
    revived: (healedAt) => {
      for (const peer of peers()) {
        for (const { id, isDown } of peer.shared.hosts())
          if (isDown) breach('I10', `${peer.name} holds ${id} for down`);
        for (const { host, model, closedFor } of peer.shared.pairs(now())) {
          // A trial that fails in a world without faults begins a rest of its own.
          const isOwnFault = (failedAt.get(`${host} ${model}`) ?? -Infinity) > healedAt;
          if (closedFor !== undefined && !isOwnFault)
            breach('I10', `${peer.name} keeps ${model} on ${host} closed: ${closedFor}`);
        }
      }
    },
    restarted: (host) => restartedAt.set(host, now()),
    crashed: (peer) => {
      dead.push({ name: peer.name, at: now() });
      untouched = going.filter((other) => other.peer !== peer && other.attempt.endedAt === undefined);
    },
  };
};
