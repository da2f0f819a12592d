/** Who asked: travels with a request from the front door to its settlement. */

import type { QueueClass } from './vocabulary.ts';

export type Scope = 'inference' | 'metrics' | 'admin' | 'cluster';

export interface Principal {
  /** The configured name of the key, or `anonymous` where no key is needed. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
  /** Whether its requests never reach a cloud backend; absent: they may. */
  readonly localOnly?: boolean;
  /** Absent: a person waits. */
  readonly queueClass?: QueueClass;
}
