/** The last decisions by request id, in bounded room and constant time. Changes in place; no clock. Pure otherwise. */

import type { DecisionRecord } from './decision.ts';

export interface DecisionRing {
  /** Keeps a record and forgets the oldest; of two with one id the later is found. */
  add(record: DecisionRecord): void;
  get(requestId: string): DecisionRecord | undefined;
  /** At most this many, the newest first. */
  newest(count: number): readonly DecisionRecord[];
  /** Changes how many are kept; the newest stay. */
  resize(keep: number): void;
  readonly size: number;
}

/** An empty ring that keeps the last `keep`; 0 keeps none. */
export const createDecisionRing = (keep: number): DecisionRing => {
  let slots: (DecisionRecord | undefined)[] = new Array(keep).fill(undefined);
  let next = 0;
  const byId = new Map<string, DecisionRecord>();

  const add = (record: DecisionRecord): void => {
    if (slots.length === 0) return;
    const old = slots[next];
    if (old !== undefined && byId.get(old.requestId) === old) byId.delete(old.requestId);
    slots[next] = record;
    next = (next + 1) % slots.length;
    byId.set(record.requestId, record);
  };

  const oldestFirst = (): readonly DecisionRecord[] =>
    [...slots.slice(next), ...slots.slice(0, next)].filter((each) => each !== undefined);

  return {
    add,
    get: (requestId) => byId.get(requestId),
    newest: (count) => (count < 1 ? [] : oldestFirst().slice(-count).reverse()),
    resize: (size) => {
      if (size === slots.length) return;
      const inOrder = oldestFirst();
      slots = new Array(size).fill(undefined);
      next = 0;
      byId.clear();
      for (const record of size === 0 ? [] : inOrder.slice(-size)) add(record);
    },
    get size() {
      return byId.size;
    },
  };
};
