/** Rules on what several instances do at once: trials, loads, slots, streams. */

import { plainName, type SharedHost } from './cluster-facts.ts';
import { type Going, inTouch, type Peer, trialVisibleMs, visibleMs, type Watch } from './cluster-peer.ts';

export interface WorkRules {
  /** Before a call goes out. */
  readonly attempt: (going: Going) => void;
  /** After every event. */
  readonly turn: () => void;
  /** Just before an instance does. */
  readonly crashes: (peer: Peer) => void;
}

interface Level {
  readonly at: number;
  readonly inflight: number;
}

interface Trial {
  readonly peer: Peer;
  readonly ticket: number;
  readonly since: number;
}

const isOpen = ({ attempt }: Going): boolean => attempt.endedAt === undefined;

/** Nothing is done yet. */
export const createWorkRules = ({ now, peers, breach }: Watch): WorkRules => {
  let calls: Going[] = [];
  let trials = new Map<string, readonly Trial[]>();
  /** What others had open when one crashed. */
  let untouched: readonly Going[] = [];
  const levels = new Map<string, Level[]>();

  /** Notes since when each trial runs: it is told to others from then on, though the call may have to wait for a load. */
  const noteTrials = (): void => {
    const before = trials;
    trials = new Map();
    for (const peer of peers()) {
      for (const { host, model, ticket } of peer.shared.trials()) {
        const key = `${host} ${model}`;
        const running = trials.get(key) ?? [];
        const known = before.get(key)?.find((each) => each.peer === peer && each.ticket === ticket);
        trials.set(key, [...running, known ?? { peer, ticket, since: now() }]);
      }
    }
  };

  const checkTrial = ({ peer, attempt: { host, model } }: Going): void => {
    if (!peer.isTrial(host, model)) return;
    noteTrials();
    const running = trials.get(`${host} ${plainName(model)}`) ?? [];
    const own = running.find((each) => each.peer === peer)?.since ?? now();
    for (const { peer: other, since } of running) {
      if (other === peer || !inTouch(Math.min(since, own), peer, other)) continue;
      const apartMs = Math.round(Math.abs(own - since));
      if (apartMs >= trialVisibleMs)
        breach(
          'I4',
          `${peer.name} and ${other.name} both try ${model} on ${host}, begun ${apartMs} ms apart`,
        );
    }
  };

  /** The first load after a pin's time may cost the host what it holds: only while nobody uses that. */
  const checkPinTrial = ({ peer, attempt: { host, model } }: Going): void => {
    const pair = peer.shared
      .pairs(now())
      .find((each) => each.host === host && each.model === plainName(model));
    if (pair?.pin === undefined || pair.isHot || pair.pin.until > now()) return;
    for (const other of calls) {
      const { startedAt } = other.attempt;
      if (other.peer === peer || other.attempt.host !== host || startedAt > now() - visibleMs) continue;
      if (inTouch(startedAt, peer, other.peer))
        breach('I15', `${peer.name} tries whether ${model} fits ${host} while ${other.peer.name} uses it`);
    }
  };

  /** The least that an instance held of a host within the last second: what all others can know of. */
  const steady = (name: string, host: string): number => {
    const known = levels.get(`${name} ${host}`) ?? [];
    while ((known[1]?.at ?? Infinity) <= now() - visibleMs) known.shift();
    const isNew = (known[0]?.at ?? Infinity) > now() - visibleMs;
    return isNew ? 0 : Math.min(...known.map(({ inflight }) => inflight));
  };

  const checkTaken = (peer: Peer, host: string, inflight: number, slots: number): void => {
    let others = 0;
    for (const other of peers()) {
      if (other !== peer && inTouch(now() - visibleMs, peer, other)) others += steady(other.name, host);
    }
    if (others > 0 && inflight + others > slots)
      breach('I2', `${peer.name} takes slot ${inflight} of ${slots} on ${host}, others hold ${others}`);
  };

  const checkSlots = (peer: Peer, { id, inflight, slots }: SharedHost): void => {
    const key = `${peer.name} ${id}`;
    const known = levels.get(key) ?? [];
    const last = known.at(-1)?.inflight ?? 0;
    if (inflight === last) return;
    levels.set(key, [...known, { at: now(), inflight }]);
    if (inflight > last) checkTaken(peer, id, inflight, slots);
  };

  const checkHosts = (): void => {
    const loads = new Map<string, { readonly by: Peer; readonly startedAt: number }>();
    for (const peer of peers()) {
      for (const host of peer.shared.hosts()) {
        checkSlots(peer, host);
        if (host.loading === undefined) continue;
        const { model, startedAt } = host.loading;
        const key = `${model} on ${host.id}`;
        const other = loads.get(key);
        if (other !== undefined && inTouch(Math.min(startedAt, other.startedAt), peer, other.by))
          breach('I5', `${peer.name} and ${other.by.name} both load ${key}`);
        loads.set(key, { by: peer, startedAt });
      }
    }
  };

  return {
    attempt: (going) => {
      calls = calls.filter(isOpen);
      checkTrial(going);
      checkPinTrial(going);
      calls.push(going);
    },
    turn: () => {
      noteTrials();
      checkHosts();
      for (const { peer, attempt } of untouched) {
        if (attempt.endedAt !== undefined)
          breach('crash', `${attempt.requestId} of ${peer.name} ended with another instance`);
      }
      untouched = [];
    },
    crashes: (peer) => {
      calls = calls.filter((each) => each.peer !== peer && isOpen(each));
      untouched = calls;
    },
  };
};
