/** The probe loops: each host is looked at on its own beat, so that a dead one slows nobody. Shell. */

import type { ProbeResult } from '../backends/backend.ts';
import { UnexpectedReply } from '../backends/parts/unexpected-reply.ts';
import { hostAnswered, hostFailed, pairReleased } from '../core/health.ts';
import { forgetModel } from '../core/prefix-cache.ts';
import type { ModelCard } from '../spec/model-card.ts';
import type { Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Report } from '../telemetry/events.ts';
import { withDeclared } from './declared-models.ts';
import type { Fleet } from './fleet.ts';
import { type Host, lookTimeoutMs, pairOf } from './host.ts';
import { type KeyDeps, keyToAsk, noteKeyListing } from './host-keys.ts';
import { healthOf, type Pair } from './pair.ts';
import { notePeerLoad } from './peer-load.ts';
import { transportReason } from './transport-reason.ts';
import { vramAfter } from './vram.ts';

export interface Discovery {
  /** Starts a loop for each host that has none; hosts that left end theirs. */
  start(): void;
  /** Looks at one host now, beside its loop, because traffic says something changed. */
  look(host: Host): Promise<void>;
  /** Resolves once every host was looked at, or after one probe's time. */
  settled(): Promise<void>;
  stop(): void;
}

/** ±20 %, so that many instances and hosts do not fall into step. */
const jittered = (intervalMs: Millis, random: number): Millis => intervalMs * (0.8 + 0.4 * random);

/** What runs on a peer changes by what others send it. */
const peerIntervalMs: Millis = 1_000;

/** A provider that does not answer is asked more often than one that does, and still not as often as an engine nearby. */
const farRestMs: Millis = 30_000;

const restMsOf = ({ lookEveryMs, health, backend }: Host, intervalMs: Millis): Millis => {
  if (backend.isPeer === true) return Math.min(peerIntervalMs, intervalMs);
  if (lookEveryMs === undefined) return intervalMs;
  return Math.max(intervalMs, health.state === 'up' ? lookEveryMs : Math.min(lookEveryMs, farRestMs));
};

/** What a listing says, as one string: names and residency, which are what the index and the planner read. */
const listingOf = (cards: readonly ModelCard[]): string =>
  cards.map(({ name, digest }) => `${name}\t${digest ?? ''}`).join('\n');

const noteFacts = (host: Host, result: ProbeResult, startedAt: Millis): void => {
  host.version = result.version;
  host.simulated = host.backend.options.simulated || result.simulated === true;
  host.slots = host.backend.options.slots ?? result.slots ?? host.slots;
  host.health = hostAnswered(host.health);
  host.tellsLoaded = result.tellsLoaded ?? result.models.some(({ loaded }) => loaded !== undefined);
  host.lookedAt = startedAt;
  host.vram = vramAfter(host.vram, result.models);
  if (result.load !== undefined) notePeerLoad(host, result.load, host.inflight);
};

/** What a new look at a model changes of what is held of it. */
const foundCard = (
  host: Host,
  card: ModelCard,
  { isNewEngine, isNewListing }: { readonly isNewEngine: boolean; readonly isNewListing: boolean },
): void => {
  const pair: Pair = pairOf(host, card.name);
  const { card: before } = pair;
  pair.card = card;
  // What did not fit is another model now, or another engine that may place it better.
  if (isNewEngine || before.digest !== card.digest) pair.health = pairReleased(healthOf(pair));
  if (isNewListing && pair.health.absentUntil > 0) pair.health = { ...healthOf(pair), absentUntil: 0 };
  // Its cache went with it.
  if (before.loaded !== undefined && card.loaded === undefined && pair.inflight === 0) {
    forgetModel(host.prefixes, card.name);
  }
};

/**
 * Runs the probe loops of a fleet. `changed` is called after each look at a host that is up; a look of the loop is left
 * out where `spares` says that another instance does it.
 */
export const createDiscovery = (
  fleet: Fleet,
  ports: Ports,
  settings: () => GatewaySettings,
  report: Report,
  changed: (host: Host) => void,
  spares: (host: Host) => boolean = () => false,
): Discovery => {
  const { clock, random } = ports;
  const told: KeyDeps = { clock, report };
  const loops = new Map<Host, () => void>();
  const running = new Map<Host, Promise<void>>();
  let stopped = false;

  const found = (host: Host, cards: readonly ModelCard[], isNewEngine: boolean): void => {
    const listing = listingOf(cards);
    host.cards = new Map(cards.map((card) => [card.name, card]));
    for (const name of host.pairs.keys()) if (!host.cards.has(name)) host.pairs.delete(name);
    for (const card of cards) foundCard(host, card, { isNewEngine, isNewListing: listing !== host.listing });
    if (listing !== host.listing) {
      host.listing = listing;
      fleet.reindex();
    }
  };

  /** Asks with one key after another, until one is accepted or each was refused. */
  const listing = async (host: Host, signal: AbortSignal): Promise<ProbeResult> => {
    const { keys, backend } = host;
    if (keys === undefined) return await backend.probe(ports.fetch, signal);
    for (let left = keys.backends.length; ; left -= 1) {
      const key = keyToAsk(keys, clock.now());
      try {
        const result = await (keys.backends[key] ?? backend).probe(ports.fetch, signal);
        noteKeyListing(keys, key, 'accepted', told);
        return result;
      } catch (error) {
        // Only this status tells of the key: some may be used and yet list nothing.
        if (!(error instanceof UnexpectedReply) || error.status !== 401) throw error;
        noteKeyListing(keys, key, 'refused', told);
        if (left <= 1) throw error;
      }
    }
  };

  const probe = async (host: Host): Promise<void> => {
    const timeoutMs = lookTimeoutMs(host, settings().probe);
    const controller = new AbortController();
    const cancel = clock.after(timeoutMs, () => controller.abort());
    const before = host.health.state;
    const startedAt = clock.now();
    try {
      const result = await listing(host, controller.signal);
      const { version } = host;
      noteFacts(host, result, startedAt);
      host.roundTripMs = clock.now() - startedAt;
      found(
        host,
        withDeclared(result.models, host.backend),
        version !== undefined && version !== result.version,
      );
    } catch (error) {
      const reason = controller.signal.aborted ? 'no answer in time' : transportReason(error);
      host.health = hostFailed(host.health, { by: 'check', reason }, clock.now());
    } finally {
      cancel();
      host.probedAt = clock.now();
    }
    const { state, reason } = host.health;
    if (state !== before) report({ type: 'backend-state', backend: host.backend.options.id, state, reason });
    if (state !== 'up') return;
    if (before !== 'up') host.upSince = startedAt;
    changed(host);
  };

  const look = (host: Host): Promise<void> => {
    const known = running.get(host);
    if (known !== undefined) return known;
    const started = probe(host).finally(() => running.delete(host));
    running.set(host, started);
    return started;
  };

  const loop = (host: Host): void => {
    const beat = (): void => {
      if (stopped || host.retired) {
        loops.delete(host);
        return;
      }
      const looked = spares(host) ? Promise.resolve() : look(host);
      void looked.then(() => {
        if (stopped || host.retired) loops.delete(host);
        else
          loops.set(host, clock.after(jittered(restMsOf(host, settings().probe.intervalMs), random()), beat));
      });
    };
    loops.set(host, () => undefined);
    beat();
  };

  return {
    start: () => {
      for (const host of fleet.hosts()) if (!loops.has(host)) loop(host);
    },
    look,
    settled: async () => {
      await Promise.all(
        fleet
          .hosts()
          .filter((host) => host.probedAt === undefined)
          .map(look),
      );
    },
    stop: () => {
      stopped = true;
      for (const cancel of loops.values()) cancel();
      loops.clear();
    },
  };
};
