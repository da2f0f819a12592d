/** Time and identity for the encoders, which have no clock. Shell. */

import type { Stamp } from '../protocols/protocol.ts';
import type { Clock } from '../spec/ports.ts';
import type { Received } from './stages.ts';

/** One stamp per request: the id and `created` stay the same over all its chunks. */
export const stampOf = (received: Received, clock: Clock): Stamp => ({
  id: received.answerId ?? received.requestId,
  createdUnix: Math.floor(clock.wallMs() / 1000),
  now: () => new Date(clock.wallMs()).toISOString(),
  elapsedMs: () => clock.now() - received.arrivedAt,
});
