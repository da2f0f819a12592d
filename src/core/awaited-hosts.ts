/**
 * Which host each of those who wait would have, so that everybody counts who would be there first: a slot that ten wait
 * for is no better than one that is slower and free. Changes in place; no clock. Pure otherwise. Imports spec.
 */

import type { BackendId, Millis } from '../spec/vocabulary.ts';

/** How long the slots of a host will be held by those who would take them first, all of them together. */
export type Ahead = (backend: BackendId) => Millis;

/** A host somebody waits for, and how long a slot there would be held. */
export interface Awaited {
  readonly backend: BackendId;
  readonly serviceMs: Millis;
}

/** Those who wait go by the number they came as. */
export interface AwaitedHosts {
  /** It would have that host now; undefined: it waits no more. */
  note(number: number, awaited: Awaited | undefined): void;
  /** What those who came before it take. */
  before(number: number): Ahead;
  /** What all of them take, which is what a newcomer has before it. */
  readonly all: Ahead;
}

/** Nobody waits. */
export const createAwaitedHosts = (): AwaitedHosts => {
  const hosts = new Map<number, BackendId>();
  const waiting = new Map<BackendId, Map<number, Millis>>();
  const sum = (backend: BackendId, before: number): Millis => {
    let totalMs = 0;
    for (const [number, serviceMs] of waiting.get(backend) ?? []) if (number < before) totalMs += serviceMs;
    return totalMs;
  };
  return {
    note: (number, awaited) => {
      const known = hosts.get(number);
      if (known !== undefined && known !== awaited?.backend) waiting.get(known)?.delete(number);
      if (awaited === undefined) {
        hosts.delete(number);
        return;
      }
      const { backend, serviceMs } = awaited;
      hosts.set(number, backend);
      const others = waiting.get(backend);
      if (others === undefined) waiting.set(backend, new Map([[number, serviceMs]]));
      else others.set(number, serviceMs);
    },
    before: (number) => (backend) => sum(backend, number),
    all: (backend) => sum(backend, Infinity),
  };
};
