/** In which dialect a host is asked. */

import type { Protocol } from '../protocols/protocol.ts';
import { protocols } from '../protocols/registry.ts';
import type { ProtocolId } from '../spec/vocabulary.ts';
import type { Host } from './host.ts';

const byId = new Map<ProtocolId, Protocol>(protocols.map((protocol) => [protocol.id, protocol]));

/** The caller's dialect where the host speaks it, else the host's best one. */
export const wireOf = (host: Host, front: Protocol): Protocol => {
  if (host.speaks.includes(front.id)) return front;
  const [best] = host.speaks;
  return (best && byId.get(best)) ?? front;
};
