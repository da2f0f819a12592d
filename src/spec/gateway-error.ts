/** The one error a client can be shown: backends map into it, protocols map out of it. */

import type { Millis } from './vocabulary.ts';

export type ErrorCode =
  | 'invalid_request'
  | 'unauthorized'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'model_not_found'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'unprocessable'
  | 'context_too_long'
  | 'rate_limited'
  | 'overloaded'
  | 'model_loading'
  | 'upstream_error'
  | 'upstream_ambiguous'
  | 'upstream_unreachable'
  | 'timeout'
  | 'canceled'
  | 'not_implemented'
  | 'internal';

/** The HTTP status of a code where a dialect has no rule of its own. */
export const statusOf: Readonly<Record<ErrorCode, number>> = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  model_not_found: 404,
  payload_too_large: 413,
  unsupported_media_type: 415,
  unprocessable: 422,
  context_too_long: 400,
  rate_limited: 429,
  overloaded: 503,
  model_loading: 503,
  upstream_error: 502,
  upstream_ambiguous: 502,
  upstream_unreachable: 503,
  timeout: 504,
  canceled: 499,
  not_implemented: 501,
  internal: 500,
};

/** What of a key is limited. */
export type QuotaKind = 'requests' | 'tokens';

export interface ErrorDetails {
  /** The request field at fault, as a path such as `messages[2].content`. */
  readonly param?: string;
  /** How long a client should wait before it tries again. */
  readonly retryAfterMs?: Millis;
  /** The limit of the caller's key that is used up. */
  readonly quota?: QuotaKind;
  /** The methods a path has, for the `Allow` header of a 405. */
  readonly allow?: readonly string[];
  /** In place of the code's own status, where HTTP has a better one. */
  readonly status?: number;
  readonly cause?: unknown;
}

/**
 * An error with a closed code, so that every edge maps it without reading its text.
 * The message is written for the caller: it holds no address, key or prompt.
 */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'GatewayError';
    this.code = code;
    this.details = details;
  }
}
