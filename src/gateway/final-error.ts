/** What the client is told when no attempt gave content, or a stream broke: one error in place of many, nothing of it secret. */

import { cannedMessage, clientMessage } from '../core/client-message.ts';
import { type ErrorCode, GatewayError } from '../spec/gateway-error.ts';
import type { Failure, ToldAttempt } from './failure.ts';

/** An engine's sentence made safe, or ours where its words must not pass. */
export const safeText = (failure: Failure): string =>
  cannedMessage(failure.class) ?? (clientMessage(failure.message) || 'the backend failed');

/** What everybody may be told of a failure: the engine's own words may quote somebody's prompt. */
const plainTexts: Readonly<Record<Failure['class'], string>> = {
  network: 'could not be reached',
  overload: 'busy',
  rate: 'rate limited',
  quota: 'quota used up',
  model: 'model not there',
  vram: 'out of memory',
  driver: 'GPU driver lost',
  crash: 'engine errors',
  loading: 'still loading',
  auth: 'credentials not accepted',
  client: 'request refused',
  context: 'context too long',
  timeout: 'no answer in time',
  cancel: 'canceled',
};

/** The failure by its class alone, for what other callers see. */
export const plainText = (failure: Failure): string => plainTexts[failure.class];

const retryAfterMs: Partial<Record<ErrorCode, number>> = {
  overloaded: 1000,
  model_loading: 5000,
  rate_limited: 5000,
  upstream_unreachable: 5000,
};

/** What an engine asks for is passed on within these: nobody waits longer, and shorter would be asked in vain. */
const minRetryAfterMs = 1000;
const maxRetryAfterMs = 300_000;

const make = (last: Failure, message: string): GatewayError => {
  const { code } = last.consequence;
  const asked = last.retryAfterMs;
  const wait =
    asked === undefined ? retryAfterMs[code] : Math.min(maxRetryAfterMs, Math.max(minRetryAfterMs, asked));
  return new GatewayError(code, message, wait === undefined ? {} : { retryAfterMs: wait });
};

/** The one error after all attempts; the last failure decides its code, all of them stand in its sentence. */
export const finalError = (last: Failure, attempts: readonly ToldAttempt[]): GatewayError => {
  const { retry } = last.consequence;
  const text = safeText(last);
  if (retry === 'never' || attempts.length <= 1) {
    const backend = attempts[0]?.backend;
    return make(last, retry === 'never' || backend === undefined ? text : `${backend}: ${text}`);
  }
  const told = attempts.map(({ backend, reason }) => `${backend}: ${reason}`).join('; ');
  return make(last, `no backend could answer after ${attempts.length} attempts (${told})`);
};

/** After content: the answer is cut, and the client is told so in its stream. */
export const brokenStream = (failure: Failure): GatewayError => {
  const { code } = failure.consequence;
  const shown: ErrorCode = code === 'invalid_request' || code === 'canceled' ? 'upstream_error' : code;
  return new GatewayError(shown, `the answer is incomplete: ${safeText(failure)}`);
};
