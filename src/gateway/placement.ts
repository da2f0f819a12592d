/** A host that has a model. */

import type { DeclaredCard } from '../spec/settings.ts';
import type { Host } from './host.ts';
import type { Pair } from './pair.ts';

/** One host that has the model, and under which name. */
export interface Placement {
  readonly host: Host;
  readonly upstream: string;
  readonly pair: Pair;
  /** In a group: the name clients use for the model, and the place of its tier. */
  readonly model?: string;
  readonly tier?: number;
  /** What configuration says of the model, where it says anything. */
  readonly declared?: DeclaredCard | undefined;
}
