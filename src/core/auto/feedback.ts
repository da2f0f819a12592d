/** What callers said of their answers, as it is kept and read again. Pure; imports spec and core. */

import type { TaskType } from '../../spec/analysis.ts';
import { type Parts, partNames } from '../complexity/blend.ts';

/** One line of the log. Without the prompt unless that is allowed. */
export interface FeedbackEntry {
  readonly atUnixMs: number;
  readonly requestId: string;
  /** Said outright, or seen: the same was asked again, with or without a conversation before it. */
  readonly kind: 'feedback' | 'retry' | 'regenerate';
  /** How good the answer was, in 0..1. */
  readonly score: number;
  readonly group: string;
  readonly model: string;
  /** Its place among the tiers, and how many there are. */
  readonly tier: number;
  readonly tiers: number;
  readonly task: TaskType;
  readonly complexity: number;
  /** What the complexity was blended of, and by which weights: enough to blend anew, too little to tell a word. */
  readonly parts?: Parts;
  readonly weights?: string;
  readonly prompt?: string;
}

/** A served request that feedback may still come for. */
export interface Served extends Omit<FeedbackEntry, 'kind' | 'score' | 'atUnixMs'> {
  readonly principal: string;
  readonly servedAtUnixMs: number;
  /** Of the whole prompt, to see that the same is asked again. */
  readonly promptHash: number;
  readonly turns: number;
}

/** So many served requests are remembered. */
const remembered = 2000;

/** Whoever asks the same again within this time was not content. */
const retryWithinMs = 10 * 60_000;

/** What an answer is worth that was asked for anew. */
const retryScore = 0.2;

/** Served requests, by id and by prompt. Changes in place. */
export interface ServedMemory {
  readonly byId: Map<string, Served>;
  readonly byPrompt: Map<string, Served>;
}

/** Nothing was served. */
export const createServedMemory = (): ServedMemory => ({ byId: new Map(), byPrompt: new Map() });

const promptKey = ({ principal, promptHash }: Served): string => `${principal}\n${promptHash}`;

const bounded = <Key, Value>(map: Map<Key, Value>): void => {
  const [oldest] = map.keys();
  if (map.size > remembered && oldest !== undefined) map.delete(oldest);
};

/** The entry of a request that somebody said something of. */
export const entryOf = (
  { principal: _principal, servedAtUnixMs: _at, promptHash: _hash, turns: _turns, ...kept }: Served,
  kind: FeedbackEntry['kind'],
  score: number,
  atUnixMs: number,
): FeedbackEntry => ({ atUnixMs, kind, score, ...kept });

/** Remembers a served request; gives the entry it makes of one before it, where it asks the same again. */
export const noteServedRequest = (memory: ServedMemory, served: Served): FeedbackEntry | undefined => {
  const before = memory.byPrompt.get(promptKey(served));
  memory.byId.set(served.requestId, served);
  memory.byPrompt.delete(promptKey(served));
  memory.byPrompt.set(promptKey(served), served);
  bounded(memory.byId);
  bounded(memory.byPrompt);
  const at = served.servedAtUnixMs;
  if (before === undefined || at - before.servedAtUnixMs > retryWithinMs) return undefined;
  return entryOf(before, served.turns > 1 ? 'regenerate' : 'retry', retryScore, at);
};

const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string';

const isParts = (value: unknown): boolean => {
  if (value === undefined) return true;
  const parts = (value ?? {}) as Partial<Record<keyof Parts, unknown>>;
  return partNames.every((name) => isNumber(parts[name]));
};

const isEntry = (value: unknown): value is FeedbackEntry => {
  if (typeof value !== 'object' || value === null) return false;
  const entry = value as Partial<Record<keyof FeedbackEntry, unknown>>;
  return (
    [entry.score, entry.complexity, entry.tier, entry.tiers].every(isNumber) &&
    [entry.prompt, entry.weights].every(isText) &&
    isParts(entry.parts)
  );
};

/** The entries among parsed lines; what is no entry is counted and passed over. */
export const entriesIn = (
  lines: readonly unknown[],
): { readonly entries: readonly FeedbackEntry[]; readonly unread: number } => {
  const entries = lines.filter(isEntry);
  return { entries, unread: lines.length - entries.length };
};
