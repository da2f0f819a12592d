/** Who asked: travels with a request from the front door to its settlement. */

import type { Constraints } from './choice.ts';
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
  /** Whether what it may use in a minute is limited; absent: it is not. */
  readonly isLimited?: boolean;
  /** What models its requests may be given; a request may narrow it. */
  readonly constraints?: Constraints;
}
