/** Anthropic's API refuses in one envelope; what comes from its edge has none. */

import type { JsonObject } from '../spec/json.ts';
import type { EngineFailure } from './engine-failure.ts';
import type { Refusal, Surface } from './exchange.ts';

/** An error body; each carries the id its request got. */
export const anthropicError = (
  status: number,
  type: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): Refusal => ({
  status,
  contentType: 'application/json',
  body: JSON.stringify({ type: 'error', error: { type, message }, request_id: requestId }),
  headers: { 'request-id': requestId, ...headers },
});

/** The simulation has no use for more than one. */
export const requestId = 'req_011CSHoEeqs5C35K2UUqR7Fy';

/** 400, with the field at the beginning of its sentence. */
export const badRequest = (message: string): Refusal => anthropicError(400, 'invalid_request_error', message);

/** A model that is not there, or not for this key. */
export const unknownModel = (name: string): Refusal =>
  anthropicError(404, 'not_found_error', `model: ${name}`);

/** When the minute is over, in seconds. */
const retryAfterSeconds = '12';

/** The provider's own sentences for what goes wrong inside; an edge in front of it has others. */
export const refuseAnthropic = ({ kind }: EngineFailure): Refusal => {
  switch (kind) {
    case 'busy':
      return anthropicError(529, 'overloaded_error', 'Overloaded', { 'x-should-retry': 'true' });
    case 'rate-limited':
      return anthropicError(
        429,
        'rate_limit_error',
        "This request would exceed your organization's rate limit of 50 requests per minute. For details, refer to: https://docs.anthropic.com/en/api/rate-limits.",
        { 'retry-after': retryAfterSeconds, 'x-should-retry': 'true' },
      );
    case 'unavailable':
      return {
        status: 503,
        contentType: 'text/plain',
        body: 'upstream connect error or disconnect/reset before headers. reset reason: overflow',
      };
    default:
      return anthropicError(500, 'api_error', 'Internal server error', { 'x-should-retry': 'true' });
  }
};

/** A stream fails with what would have been a status before it. */
const inStream = (failure: EngineFailure): string => {
  const error: JsonObject =
    failure.kind === 'crashed' || failure.kind === 'busy'
      ? { type: 'overloaded_error', message: 'Overloaded' }
      : { type: 'api_error', message: 'Internal server error' };
  return `event: error\ndata: ${JSON.stringify({ type: 'error', error, request_id: requestId })}\n\n`;
};

/** Thirty-two megabytes, counted by the edge. */
const maxBodyBytes = 32 * 1024 * 1024;

/** What the shared part of a host needs of this one. */
export const anthropicSurface: Surface = {
  streamType: 'text/event-stream; charset=utf-8',
  maxBodyBytes,
  fatal: new Set(),
  refuse: refuseAnthropic,
  inStream,
  unknownModel,
  badBody: (problem) =>
    problem === 'too-large'
      ? anthropicError(413, 'request_too_large', 'Request exceeds the maximum size')
      : badRequest('The request body is not valid JSON: unexpected end of data'),
};
