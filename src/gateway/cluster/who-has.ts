/** Who of the others takes turns at a host: only who has it. A sidecar among routers looks at its own engine alone. */

import type { HostKey } from '../../core/cluster/document.ts';
import type { Knowledge } from '../../core/cluster/knowledge.ts';

/** Of these instances the ones that have the host; whoever has not told yet may have it. */
export const whoHas = (
  instances: readonly string[],
  { bodies }: Knowledge,
  host: HostKey,
): readonly string[] => instances.filter((each) => bodies.get(each)?.hosts?.has(host) ?? true);
