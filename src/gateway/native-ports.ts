/** Ports over what every runtime has, for a library user who brings none. Shell. */

import type { Clock, Fetch, Ports } from '../spec/ports.ts';
import { createNativeTimers } from './native-timers.ts';

export const nativeClock: Clock = {
  now: () => performance.now(),
  wallMs: () => Date.now(),
  after: createNativeTimers(),
};

/** The runtime's own fetch; adapters give one without its silent timers and retries. */
const nativeFetch: Fetch = (url, { method, headers, body, bodyStream, signal }) =>
  fetch(url, {
    method,
    headers,
    signal,
    redirect: 'manual',
    ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    ...(bodyStream === undefined ? {} : { body: bodyStream, duplex: 'half' }),
  } as RequestInit);

/** Fills in what is not given. */
export const portsWith = (given: Partial<Ports>): Ports => ({
  clock: given.clock ?? nativeClock,
  random: given.random ?? Math.random,
  ids: given.ids ?? (() => crypto.randomUUID()),
  fetch: given.fetch ?? nativeFetch,
});
