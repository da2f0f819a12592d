/**
 * The slots of one loaded model: who works now, who waits, and which prompt each slot still remembers.
 * A slot keeps the keys and values of its last conversation, so a prompt that begins the same is read faster.
 */

import type { Cancellation } from './cancellation.ts';
import type { EngineFailure } from './engine-failure.ts';
import { sharedTokens } from './tokens.ts';
import { type Line, type Waiting, waitIn } from './waiting.ts';

/** One place to answer in. */
export interface Slot {
  readonly index: number;
  busy: boolean;
  /** The last prompt with its answer. */
  remembered: string;
  /** Grows with each use of any slot, so that the longest unused can be told. */
  usedAt: number;
}

/** A slot in somebody's hands. */
export interface TakenSlot {
  readonly slot: Slot;
  /** Tokens at the start of the prompt that need not be read again. */
  readonly cachedTokens: number;
}

/** All places of one loaded model. */
export interface SlotPool {
  readonly slots: readonly Slot[];
  readonly waiting: () => number;
  /** Gives a slot when one is free, first come first served and without bound; rejects when the caller leaves. */
  take(prompt: string, cancellation: Cancellation): Promise<TakenSlot>;
  release(slot: Slot, remembered: string): void;
  /** Turns away everyone who waits, because the model is gone. */
  close(failure: EngineFailure): void;
}

interface Waiter extends Waiting<TakenSlot> {
  readonly prompt: string;
}

/** `count` requests run at once; each slot remembers one conversation. */
export const createSlotPool = (count: number): SlotPool => {
  const slots: Slot[] = [];
  for (let index = 0; index < count; index++) slots.push({ index, busy: false, remembered: '', usedAt: 0 });
  const waiters = new Set<Waiter>();
  const line: Line<Waiter> = {
    join: (waiter) => void waiters.add(waiter),
    leave: (waiter) => void waiters.delete(waiter),
  };
  let uses = 0;

  /**
   * A conversation that goes on keeps its slot; any other takes the one unused for longest, into which
   * the beginning it shares with any slot is copied.
   */
  const occupy = (prompt: string): TakenSlot | undefined => {
    let oldest: Slot | undefined;
    let own: Slot | undefined;
    let cachedTokens = 0;
    for (const slot of slots) {
      const shared = slot.remembered === '' ? 0 : sharedTokens(slot.remembered, prompt);
      cachedTokens = Math.max(cachedTokens, shared);
      if (slot.busy) continue;
      if (shared > 0 && shared === cachedTokens && prompt.startsWith(slot.remembered)) own = slot;
      if (oldest === undefined || slot.usedAt < oldest.usedAt) oldest = slot;
    }
    const slot = own ?? oldest;
    if (slot === undefined) return undefined;
    uses += 1;
    slot.busy = true;
    slot.usedAt = uses;
    return { slot, cachedTokens };
  };

  return {
    slots,
    waiting: () => waiters.size,
    take(prompt, cancellation) {
      const taken = occupy(prompt);
      if (taken !== undefined) return Promise.resolve(taken);
      return waitIn(line, { prompt }, cancellation);
    },
    release(slot, remembered) {
      slot.busy = false;
      slot.remembered = remembered;
      for (const waiter of waiters) {
        const taken = occupy(waiter.prompt);
        if (taken === undefined) return;
        waiters.delete(waiter);
        waiter.give(taken);
      }
    },
    close(failure) {
      for (const waiter of waiters) waiter.refuse(failure);
      waiters.clear();
    },
  };
};
