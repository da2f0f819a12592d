/**
 * A shared store as bad as stores get, in virtual time: late, silent, forgetful, and showing what was there before. Each
 * instance has its own way to it, which may be cut.
 */

import type { Clock, Random } from '../../src/spec/ports.ts';
import type { StateStore } from '../../src/state/store.ts';

/** How often something goes wrong with one call, in 0..1. */
export interface StoreFaults {
  /** It is refused. */
  readonly refused: number;
  /** No answer comes, or one after up to ten seconds. */
  readonly late: number;
  /** A write is taken and lost. */
  readonly lost: number;
  /** A read shows what was there one writing before. */
  readonly stale: number;
  /** A read is torn. */
  readonly torn: number;
}

/** Nothing goes wrong. */
export const soundStore: StoreFaults = { refused: 0, late: 0, lost: 0, stale: 0, torn: 0 };

export interface HostileStore {
  /** The way of one instance. */
  way(instance: number): StateStore;
  cut(instance: number): void;
  heal(instance: number): void;
  /** All of it is gone. */
  wipe(): void;
  /** From now on. */
  faults(faults: StoreFaults): void;
  /** Until when something was wrong between the store and an instance; Infinity while it is cut from it. */
  troubledUntil(instance: number): number;
}

/** Longer than this no sound call takes. */
const usualMs = 5;

/** An empty one. */
export const createHostileStore = (clock: Clock, random: Random): HostileStore => {
  const now = new Map<string, string>();
  const before = new Map<string, string>();
  const cutOff = new Set<number>();
  const troubledUntil = new Map<number, number>();
  let emptiedAt = -Infinity;
  let faults = soundStore;

  const roundTrip = (): number => (random() < faults.late ? 10_000 * random() : 1 + 4 * random());

  const trouble = (instance: number): void => {
    troubledUntil.set(instance, clock.now());
  };

  const call = <Answer>(instance: number, answer: () => Answer): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const isRefused = random() < faults.refused;
      const tookMs = roundTrip();
      if (tookMs > usualMs) trouble(instance);
      clock.after(tookMs, () => {
        if (tookMs > usualMs) trouble(instance);
        if (cutOff.has(instance) || isRefused) {
          trouble(instance);
          reject(new Error('the store is away'));
        } else resolve(answer());
      });
    });

  const shown = (key: string, instance: number): string | undefined => {
    const isStale = random() < faults.stale;
    if (isStale) trouble(instance);
    const text = isStale ? (before.get(key) ?? now.get(key)) : now.get(key);
    if (text === undefined || random() >= faults.torn) return text;
    trouble(instance);
    return text.slice(0, Math.floor(random() * text.length));
  };

  return {
    way: (instance) => ({
      keys: () => call(instance, () => [...now.keys(), ...[...now.keys()].slice(0, 1)]),
      read: (keys) =>
        call(instance, () => {
          const found = new Map<string, string>();
          for (const key of keys) {
            const text = shown(key, instance);
            if (text !== undefined) found.set(key, text);
          }
          return found;
        }),
      write: (key, text) =>
        call(instance, () => {
          if (random() < faults.lost) {
            trouble(instance);
            return;
          }
          const last = now.get(key);
          if (last !== undefined) before.set(key, last);
          now.set(key, text);
        }),
      remove: (key) =>
        call(instance, () => {
          now.delete(key);
        }),
      close: () => Promise.resolve(),
    }),
    cut: (instance) => cutOff.add(instance),
    heal: (instance) => {
      cutOff.delete(instance);
      trouble(instance);
    },
    wipe: () => {
      now.clear();
      emptiedAt = clock.now();
    },
    troubledUntil: (instance) =>
      cutOff.has(instance) ? Infinity : Math.max(emptiedAt, troubledUntil.get(instance) ?? -Infinity),
    faults: (next) => {
      faults = next;
    },
  };
};
