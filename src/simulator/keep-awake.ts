/** What a server writes into a stream that has been silent for too long. */

import type { Millis } from '../spec/vocabulary.ts';
import type { Exchange } from './exchange.ts';
import type { HostCore } from './host-core.ts';

/** Told of everything that is said; stopped at the end. */
export interface Awake {
  spoke(): void;
  stop(): void;
}

/** One timer per stream, because tokens come far more often; `pingMs` Infinity: never. */
export const keepAwake = (core: HostCore, { reply }: Exchange, pingMs: Millis, ping: string): Awake => {
  if (pingMs === Infinity) return { spoke: () => undefined, stop: () => undefined };
  const { clock } = core;
  let spokeMs = clock.now();
  const check = (): void => {
    if (reply.closed()) return;
    // Compared as the timer is set: a difference may round to less than the span it was made from, and wait for ever.
    if (clock.now() >= spokeMs + pingMs) {
      if (reply.opened()) reply.write(ping, 0);
      spokeMs = clock.now();
    }
    stop = clock.after(spokeMs + pingMs - clock.now(), check);
  };
  let stop = clock.after(pingMs, check);
  reply.cancellation.onCancel(() => stop());
  return {
    spoke: () => {
      spokeMs = clock.now();
    },
    stop: () => stop(),
  };
};
