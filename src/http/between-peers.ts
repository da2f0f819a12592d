/** What Pointsmen of a chain tell each other by headers. Imports gateway and spec. */

import type { Gateway } from '../gateway/gateway.ts';
import { hopsHeader, hopsOf, loadHeader, loadText, mostHops, ownLoad } from '../gateway/peer-load.ts';
import { GatewayError } from '../spec/gateway-error.ts';

/** Who sent a request: another Pointsman, or whoever uses one. Throws where it has passed as many as can be only in a circle. */
export const senderOf = (headers: Headers): 'peer' | 'client' => {
  const hops = headers.get(hopsHeader);
  if (hops === null) return 'client';
  if (hopsOf(hops) >= mostHops)
    throw new GatewayError('invalid_request', 'the request goes in a circle of routers', { status: 508 });
  return 'peer';
};

const withLoad = (response: Response, { fleet, slots }: Gateway): Response => {
  const load = ownLoad(fleet, slots.waiting());
  // A stream holds its slot while its headers go out; a whole answer gave it back.
  const isWhole = response.headers.get('content-type')?.startsWith('application/json') ?? true;
  const isHeld = response.ok && !isWhole;
  const beside = { ...load, inflight: Math.max(0, load.inflight - (isHeld ? 1 : 0)) };
  response.headers.set(loadHeader, loadText(beside));
  return response;
};

/** Another Pointsman learns with each answer how full this one is. */
export const tellingPeer = async (answer: Promise<Response>, gateway: Gateway): Promise<Response> =>
  withLoad(await answer, gateway);
