/** What a request was found to want, before any model was chosen for it. Holds no word of the prompt. Imports this folder. */

import type { Capability } from './vocabulary.ts';

/** The kinds of work a request may ask for, in the order they are shown. */
export const taskTypes = [
  'code',
  'mathematics',
  'reasoning',
  'analysis',
  'creative',
  'extraction',
  'summarising',
  'translation',
  'chat',
  'vision',
  'speech',
  'embedding',
] as const;

export type TaskType = (typeof taskTypes)[number];

/** What goes in or comes out. */
export type Modality = 'text' | 'image' | 'audio' | 'vector';

/** The fields of knowledge that are told apart. */
export const domainNames = [
  'general',
  'software',
  'mathematics',
  'science',
  'medicine',
  'law',
  'business',
  'humanities',
] as const;

export type Domain = (typeof domainNames)[number];

/** A finding with the trust it deserves, in 0..1: a fact of the request is 1. */
export interface Judged<Value> {
  readonly value: Value;
  readonly confidence: number;
}

/** How an answer must be shaped. */
export type StructuredOutput = 'none' | 'json' | 'schema';

/** Everything that is read out of one request. */
export interface Analysis {
  readonly task: Judged<TaskType>;
  /** The share of usual prompts that gain less from a stronger model, in 0..1. */
  readonly complexity: Judged<number>;
  /** ISO 639-1, or `und` where nothing tells. */
  readonly language: Judged<string>;
  readonly input: Judged<readonly Modality[]>;
  readonly output: Judged<Modality>;
  readonly structured: Judged<StructuredOutput>;
  readonly tools: Judged<boolean>;
  readonly inputTokens: Judged<number>;
  readonly outputTokens: Judged<number>;
  readonly domain: Judged<Domain>;
  /** What a model must be able to do for it, as far as the request says so outright. */
  readonly needs: readonly Capability[];
}
