/** Puts a model out of memory wherever it is: the one request that goes to every host that holds the model. Shell. */

import { GatewayError } from '../spec/gateway-error.ts';
import type { Answering } from './answer.ts';
import type { Residency } from './residency.ts';
import { settle } from './settle.ts';
import { neutralOf } from './stages.ts';
import { stampOf } from './stamp.ts';
import { residencyAnswer } from './whole-answer.ts';

/** Answers as one host would; throws when no host could be told. */
export const answerUnload = async (
  { resolved, account, books }: Answering,
  residency: Residency,
): Promise<Response> => {
  const { received, ask } = resolved;
  const stamp = stampOf(received, books.clock);
  const told = await Promise.all(residency.holders(ask.model).map(residency.unload));
  if (!told.some(({ state }) => state === 'unloaded'))
    throw new GatewayError('upstream_error', `no backend could unload '${ask.model}'`);
  const body = received.protocol.whole.encode(residencyAnswer('unload').events, neutralOf(resolved), stamp);
  settle(account, { outcome: 'done', code: '200', usage: undefined }, books);
  const headers = { 'content-type': received.protocol.contentType.whole, 'x-request-id': received.requestId };
  return new Response(JSON.stringify(body), { status: 200, headers });
};
