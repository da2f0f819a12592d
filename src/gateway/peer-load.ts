/** What one Pointsman tells another of its load, with each answer, so that no slot of its hosts is given twice. */

import type { PeerLoad } from '../backends/backend.ts';
import type { FetchReply } from '../spec/ports.ts';
import type { Fleet } from './fleet.ts';
import type { Host } from './host.ts';

/** How many Pointsmen a request has passed; who finds it in a request is asked by one. */
export const hopsHeader = 'x-pointsman-hops';

/** The load of the one that answers beside the request it answers, in the answer to another Pointsman. */
export const loadHeader = 'x-pointsman-load';

/** A request that passed as many goes in a circle. */
export const mostHops = 3;

export type { PeerLoad };

/** How many it has passed; what is no number counts as none, for nobody gains by saying less. */
export const hopsOf = (text: string | null): number => {
  const hops = text === null || !/^\d{1,6}$/.test(text) ? 0 : Number(text);
  return hops;
};

/** The load of this instance over all its hosts that are up. */
export const ownLoad = (fleet: Fleet, waiting: number): PeerLoad => {
  let [inflight, slots] = [0, 0];
  let freeBytes: number | undefined;
  let totalBytes: number | undefined;
  for (const host of fleet.hosts()) {
    inflight += host.inflight;
    if (host.health.state === 'up') slots += host.slots;
    if (host.gpu === undefined) continue;
    freeBytes = (freeBytes ?? 0) + host.gpu.freeBytes;
    totalBytes = (totalBytes ?? 0) + host.gpu.totalBytes;
  }
  return { inflight, waiting, slots, freeBytes, totalBytes };
};

/** As the header has it. */
export const loadText = ({ inflight, waiting, slots, freeBytes, totalBytes }: PeerLoad): string =>
  freeBytes === undefined || totalBytes === undefined
    ? `${inflight} ${waiting} ${slots}`
    : `${inflight} ${waiting} ${slots} ${freeBytes} ${totalBytes}`;

/** From the header; undefined for what is not of its form. */
export const parseLoad = (text: string | null): PeerLoad | undefined => {
  if (text === null || !/^\d{1,6}(?: \d{1,15}){2,4}$/.test(text)) return undefined;
  const [inflight = 0, waiting = 0, slots = 0, freeBytes, totalBytes] = text.split(' ').map(Number);
  return { inflight, waiting, slots, freeBytes, totalBytes };
};

/** What the peer runs beside what this instance sent it, which `own` counts, is like what others run on a host. */
export const notePeerLoad = (host: Host, load: PeerLoad, own: number): void => {
  const { inflight, waiting, slots, freeBytes, totalBytes } = load;
  if (slots > 0) host.slots = host.backend.options.slots ?? slots;
  host.elsewhere = Math.max(0, inflight + waiting - own);
  if (freeBytes !== undefined && totalBytes !== undefined) host.gpu = { freeBytes, totalBytes };
};

/** Each answer of a peer, a refusal too, says how full it is. */
export const notingLoad = async (answer: Promise<FetchReply>, host: Host): Promise<FetchReply> => {
  const reply = await answer;
  const load = parseLoad(reply.headers.get(loadHeader));
  // The attempt itself holds a slot here and is not counted there beside itself.
  if (load !== undefined) notePeerLoad(host, load, host.inflight - 1);
  return reply;
};
