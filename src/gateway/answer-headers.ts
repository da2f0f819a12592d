/** What an answer says of itself in its headers. Shell: keeps the headers of the last answer of each host. */

import type { BackendId, Millis } from '../spec/vocabulary.ts';

/** The facts every answer carries, in headers or, when those are gone, at the end of the stream. */
export interface Facts {
  /** Absent where no host serves. */
  readonly backend: string | undefined;
  readonly model: string | undefined;
  readonly attempts: number;
  readonly reason: string;
  readonly queueMs: Millis;
  readonly overheadMs: Millis;
  /** Empty where nothing was lost in translation. */
  readonly dropped: string;
}

/** As a header shows a duration. */
export const milliseconds = (durationMs: Millis): string => String(Math.round(durationMs * 100) / 100);

/** Response headers with the request id and the facts; written as one literal, since runtimes read one shape faster. */
export const headersOf = (requestId: string, contentType: string, facts: Facts): Record<string, string> => {
  const headers: Record<string, string> = {
    'content-type': contentType,
    'x-request-id': requestId,
    'x-pointsman-attempts': String(facts.attempts),
    'x-pointsman-reason': facts.reason,
    'x-pointsman-queue-ms': milliseconds(facts.queueMs),
    'x-pointsman-overhead-ms': milliseconds(facts.overheadMs),
  };
  if (facts.backend !== undefined) headers['x-pointsman-backend'] = facts.backend;
  if (facts.model !== undefined) headers['x-pointsman-model'] = facts.model;
  if (facts.dropped !== '') headers['x-pointsman-dropped'] = facts.dropped;
  return headers;
};

/** The headers of a host's last answer, and what they were made of. */
interface Kept {
  readonly headers: Headers;
  contentType: string;
  facts: Facts;
}

const keptByBackend = new Map<BackendId, Kept>();
const keptLimit = 256;

const keep = (backend: BackendId, contentType: string, facts: Facts): Kept => {
  const kept: Kept = { headers: new Headers(headersOf('', contentType, facts)), contentType, facts };
  if (keptByBackend.size < keptLimit) keptByBackend.set(backend, kept);
  return kept;
};

let judged: typeof Response | undefined;
let copies = false;

/** Whether a `Response` has headers of its own; a server library's may hold on to those it was given. */
const responseCopiesHeaders = (): boolean => {
  if (judged === Response) return copies;
  const given = new Headers({ probe: 'before' });
  const response = new Response(null, { headers: given });
  given.set('probe', 'after');
  judged = Response;
  copies = response.headers.get('probe') === 'before';
  return copies;
};

/**
 * The same as something to make a `Response` of at once, which copies it. From one answer of a host to the next
 * little changes, and a runtime copies headers that it holds in a fraction of the time it needs to take them in.
 */
export const keptHeadersOf = (requestId: string, contentType: string, facts: Facts): HeadersInit => {
  const { backend, model, attempts, reason, queueMs, overheadMs, dropped } = facts;
  if (backend === undefined || model === undefined || dropped !== '' || !responseCopiesHeaders())
    return headersOf(requestId, contentType, facts);
  const kept = keptByBackend.get(backend) ?? keep(backend, contentType, facts);
  const { headers, facts: last } = kept;
  headers.set('x-request-id', requestId);
  headers.set('x-pointsman-overhead-ms', milliseconds(overheadMs));
  if (kept.contentType !== contentType) headers.set('content-type', contentType);
  if (last.model !== model) headers.set('x-pointsman-model', model);
  if (last.attempts !== attempts) headers.set('x-pointsman-attempts', String(attempts));
  if (last.reason !== reason) headers.set('x-pointsman-reason', reason);
  if (last.queueMs !== queueMs) headers.set('x-pointsman-queue-ms', milliseconds(queueMs));
  kept.contentType = contentType;
  kept.facts = facts;
  return headers;
};
