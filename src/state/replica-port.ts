/** What a replica is given, and what it gives. Types only. */

import type { Body, Head, Stamped } from '../core/cluster/document.ts';
import type { Knowledge } from '../core/cluster/knowledge.ts';
import type { Members } from '../core/cluster/members.ts';
import type { Clock, Ids, Random } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Attachment } from './attachment.ts';
import type { Ignored, Seal } from './envelope.ts';
import type { StateStore } from './store.ts';

/** What the instance tells; who it is stamps it. */
export type HeadFacts = Omit<Head, keyof Stamped | 'body' | 'leaving'>;
export type BodyFacts = Omit<Body, keyof Stamped>;

export interface ReplicaDeps {
  readonly store: StateStore;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  /** What it calls itself; another is taken where an older instance has the name. */
  readonly instance: string;
  readonly head: (now: Millis) => HeadFacts;
  /** Undefined where the one that was written still says enough. */
  readonly body: (now: Millis) => BodyFacts | undefined;
  /** Called after each reading that brought something, or in which somebody went. */
  readonly heard: (news: Knowledge, now: Millis) => void;
  readonly said: (what: ReplicaNews) => void;
}

/** What a person should hear of. */
export type ReplicaNews =
  | { readonly what: 'attached' | 'detached'; readonly reason: string | undefined }
  /** Told once for each reason. */
  | { readonly what: 'ignored'; readonly reason: Ignored }
  | { readonly what: 'renamed'; readonly reason: string };

export interface Replica {
  start(): void;
  /** Says goodbye as far as the store lets it, and ends. */
  stop(): Promise<void>;
  /** Something changed that others should hear of with the next beat. */
  touch(): void;
  /** Live and lately seen instances but this one. */
  members(): Members;
  /** Keys of the others that are alive. */
  alive(): readonly string[];
  knowledge(): Knowledge;
  key(): string;
  instance(): string;
  attachment(): Attachment;
  /** Whether this instance is the first that asks so within that time; true where the store cannot tell. */
  claim(subject: string, lifeMs: Millis): Promise<boolean>;
  /** Documents passed over, by reason. */
  ignored(): ReadonlyMap<Ignored, number>;
}
