/** Puts a model out of memory wherever it is: the one request that goes to every host that holds the model. Shell. */

import { GatewayError } from '../spec/gateway-error.ts';
import type { Ports } from '../spec/ports.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import type { Answering } from './answer.ts';
import type { Placement } from './fleet.ts';
import { unknownModel } from './refusals.ts';
import { settle } from './settle.ts';
import { neutralOf, type Resolved } from './stages.ts';
import { stampOf } from './stamp.ts';
import { upstreamRequest } from './upstream-request.ts';
import { residencyAnswer } from './whole-answer.ts';

/** Unloading is answered at once, whatever it takes. */
const unloadTimeoutMs = 5_000;

/** Hosts that hold it; all that are up where none says so, since some engines do not tell. */
const holders = (placements: readonly Placement[]): readonly Placement[] => {
  const up = placements.filter(({ host }) => host.health.state === 'up');
  const holding = up.filter(({ host, upstream }) => host.cards.get(upstream)?.loaded !== undefined);
  return holding.length > 0 ? holding : up;
};

const tell = async (resolved: Resolved, placement: Placement, ports: Ports): Promise<boolean> => {
  const { host, upstream } = placement;
  const request = upstreamRequest(resolved, placement);
  const other = request.mode === 'translate' ? host.backend.residency?.('unload', upstream) : undefined;
  if (request.mode === 'translate' && other === undefined) return false;
  const { url, headers } = other ?? request;
  const body = other === undefined ? request.body : encodeUtf8(JSON.stringify(other.body));
  const controller = new AbortController();
  const cancel = ports.clock.after(unloadTimeoutMs, () => controller.abort());
  try {
    const reply = await ports.fetch(url, { method: 'POST', headers, body, signal: controller.signal });
    await reply.arrayBuffer();
    return reply.status >= 200 && reply.status < 300;
  } catch {
    return false;
  } finally {
    cancel();
  }
};

/** Answers as one host would; throws when no host could be told. */
export const answerUnload = async ({ resolved, account, books, deps }: Answering): Promise<Response> => {
  const { fleet, ports } = deps;
  const { received, ask } = resolved;
  const stamp = stampOf(received, books.clock);
  const placements = fleet.placements(ask.model);
  if (placements.length === 0) throw unknownModel(ask, fleet);
  const told = await Promise.all(holders(placements).map((placement) => tell(resolved, placement, ports)));
  if (!told.includes(true))
    throw new GatewayError('upstream_error', `no backend could unload '${ask.model}'`);
  const body = received.protocol.whole.encode(residencyAnswer('unload').events, neutralOf(resolved), stamp);
  settle(account, { outcome: 'done', code: '200', usage: undefined }, books);
  const headers = { 'content-type': received.protocol.contentType.whole, 'x-request-id': received.requestId };
  return new Response(JSON.stringify(body), { status: 200, headers });
};
