/** Rules on what several instances know: that they come to know the same, and let go of what is over. */

import {
  joinKnowledge,
  type Knowledge,
  knowledgeOfBody,
  knowledgeOfHead,
  noKnowledge,
} from '../../src/core/cluster/knowledge.ts';
import { staleMs } from '../../src/core/cluster/members.ts';
import { type BreakerFact, compareBreakers } from '../../src/core/cluster/shared-breaker.ts';
import { plainName, type SharedPair } from './cluster-facts.ts';
import { type Going, inTouch, type Peer, visibleMs, type Watch } from './cluster-peer.ts';

export interface BeliefRules {
  readonly attempt: (going: Going) => void;
  /** Every `sampleMs`. */
  readonly sample: () => void;
  /** A host began anew, so that what was known of it need not hold. */
  readonly restarted: (host: string) => void;
  readonly crashes: (peer: Peer) => void;
  /**
   * When the faults ended long ago. `gone` are the hosts that no connection reaches even then: a server that has one model
   * ends for good where that does not fit, once a mishap has it start anew, and whoever holds it for down is right.
   */
  readonly revived: (healedAt: number, gone: ReadonlySet<string>) => void;
}

/** How often it is looked. */
export const sampleMs = 250;
const lawsEveryMs = 10_000;

interface Mark {
  readonly text: string;
  readonly since: number;
  readonly pair: SharedPair;
}

/** What is told of a pair, without the times, which each instance counts on its own clock. */
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

/** Nothing is known; `latestWriteMs` is the longest that a writing may be under way. */
export const createBeliefRules = ({ now, peers, breach }: Watch, latestWriteMs: number): BeliefRules => {
  let calls: Going[] = [];
  /** By instance and pair. */
  let marks: ReadonlyMap<string, ReadonlyMap<string, Mark>> = new Map();
  const answeredAt = new Map<string, number>();
  const failedAt = new Map<string, number>();
  const restartedAt = new Map<string, number>();
  const dead: { readonly name: string; readonly at: number }[] = [];
  let lawsAt = 0;

  const noteCalls = (): void => {
    for (const { attempt } of calls) {
      const { host, chunks, endedAt, status } = attempt;
      const pair = `${host} ${plainName(attempt.model)}`;
      if (chunks.length > 0) answeredAt.set(pair, now());
      if (endedAt !== undefined && (status !== 200 || chunks.length === 0)) failedAt.set(pair, now());
    }
    calls = calls.filter(({ peer, attempt }) => attempt.endedAt === undefined && peers().includes(peer));
  };

  /** A pin ends before its time by a fact only: content came, or the host began anew. */
  const checkPin = (peer: Peer, { pair: { pin }, since }: Mark, next: SharedPair): void => {
    if (pin === undefined || pin.until <= now() || (next.pin?.times ?? 0) >= pin.times) return;
    const { host, model } = next;
    if ((answeredAt.get(`${host} ${model}`) ?? -Infinity) >= since - visibleMs) return;
    if ((restartedAt.get(host) ?? -Infinity) >= since - staleMs) return;
    breach('I15', `${peer.name} let go of the pin of ${model} on ${host} for nothing`);
  };

  const noteMarks = (): void => {
    const next = new Map<string, ReadonlyMap<string, Mark>>();
    for (const peer of peers()) {
      const before = marks.get(peer.name);
      const current = new Map<string, Mark>();
      for (const pair of peer.shared.pairs(now())) {
        const key = `${pair.model} on ${pair.host}`;
        const text = markOf(pair, now());
        const known = before?.get(key);
        const isSame = known?.text === text;
        current.set(key, { text, since: isSame ? known.since : now(), pair });
        if (known !== undefined && !isSame) checkPin(peer, known, pair);
      }
      next.set(peer.name, current);
    }
    marks = next;
  };

  const isPinned = ({ pair: { pin } }: Mark): boolean => (pin?.until ?? 0) > now() + visibleMs;

  /** Both have said the same for so long that the other must have heard it. */
  const compare = (peer: Peer, other: Peer, since: number): void => {
    const here = marks.get(peer.name);
    for (const [key, told] of marks.get(other.name) ?? []) {
      const known = here?.get(key);
      if (known === undefined || told.text === known.text) continue;
      if (told.since > since || known.since > since) continue;
      const [left, right] = [told.pair.breaker, known.pair.breaker];
      if (compareBreakers(left, right) > 0 && (isResting(left) || isResting(right)))
        breach('I8', `${other.name} says ${told.text} of ${key}, ${peer.name} ${known.text}`);
      if (isPinned(told) && !isPinned(known))
        breach('I15', `${other.name} keeps ${key} away, ${peer.name} does not`);
    }
  };

  const checkAgreement = (): void => {
    const since = now() - visibleMs - sampleMs;
    const together = peers().filter((peer) => inTouch(since, peer));
    for (const peer of together) {
      for (const other of together) if (peer !== other) compare(peer, other, since);
    }
  };

  const checkLaws = (): void => {
    const heard = peers().map(({ shared }) => heardBy(shared.knowledge()));
    const [one = noKnowledge, two = noKnowledge, three = noKnowledge] = heard;
    const joined = joinKnowledge(one, two);
    const inOtherOrder = joinKnowledge(one, joinKnowledge(two, three));
    if (textOf(joinKnowledge(one, one)) !== textOf(one))
      breach('I8', 'what is heard twice changes something');
    if (textOf(joinKnowledge(two, one)) !== textOf(joined))
      breach('I8', 'the order of two changes something');
    if (textOf(joinKnowledge(joined, three)) !== textOf(inOtherOrder))
      breach('I8', 'the order of three changes something');
  };

  /** What is dead counts for nothing: neither its word nor its slots. */
  const checkDead = (peer: Peer): void => {
    const { heads } = peer.shared.knowledge();
    for (const { name, at } of dead) {
      // Who hears of it for the first time takes that for a sign of life.
      const heardAt = Math.max(at + latestWriteMs, peer.inTouchSince());
      if (now() < heardAt + staleMs + visibleMs) continue;
      if ([...heads.values()].some(({ boot }) => boot.startsWith(`${name}-`)))
        breach('crash', `${peer.name} still counts ${name}, which is gone`);
    }
    if (heads.size > 0) return;
    for (const { id, elsewhere } of peer.shared.hosts()) {
      if (elsewhere > 0) breach('crash', `${peer.name} counts ${elsewhere} in flight on ${id} of nobody`);
    }
  };

  const checkOpen = (peer: Peer, healedAt: number, gone: ReadonlySet<string>): void => {
    for (const { id, isDown } of peer.shared.hosts())
      if (isDown !== gone.has(id))
        breach('I10', `${peer.name} holds ${id} for ${isDown ? 'down' : 'up, and it is gone'}`);
    for (const { host, model, closedFor } of peer.shared.pairs(now())) {
      // A trial that fails in a world without faults begins a rest of its own.
      const isOwnFault = (failedAt.get(`${host} ${model}`) ?? -Infinity) > healedAt;
      if (closedFor !== undefined && !isOwnFault)
        breach('I10', `${peer.name} keeps ${model} on ${host} closed: ${closedFor}`);
    }
  };

  return {
    attempt: (going) => calls.push(going),
    sample: () => {
      noteCalls();
      noteMarks();
      checkAgreement();
      for (const peer of peers()) checkDead(peer);
      if (now() < lawsAt) return;
      lawsAt = now() + lawsEveryMs;
      checkLaws();
    },
    restarted: (host) => restartedAt.set(host, now()),
    crashes: ({ name }) => dead.push({ name, at: now() }),
    revived: (healedAt, gone) => {
      for (const peer of peers()) checkOpen(peer, healedAt, gone);
    },
  };
};
