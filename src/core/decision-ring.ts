/** The last decisions, in bounded room; keeping one takes constant time. Changes in place; no clock. Pure otherwise. */

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
  let size = 0;

  const add = (record: DecisionRecord): void => {
    if (slots.length === 0) return;
    slots[next] = record;
    next = (next + 1) % slots.length;
    if (size < slots.length) size += 1;
  };

  const oldestFirst = (): readonly DecisionRecord[] =>
    [...slots.slice(next), ...slots.slice(0, next)].filter((each) => each !== undefined);

  return {
    add,
    // Every request is added and hardly one is asked for, so finding one may take a walk.
    get: (requestId) => oldestFirst().findLast((record) => record.requestId === requestId),
    newest: (count) => (count < 1 ? [] : oldestFirst().slice(-count).reverse()),
    resize: (wanted) => {
      if (wanted === slots.length) return;
      const inOrder = oldestFirst();
      slots = new Array(wanted).fill(undefined);
      next = 0;
      size = 0;
      for (const record of wanted === 0 ? [] : inOrder.slice(-wanted)) add(record);
    },
    get size() {
      return size;
    },
  };
};
