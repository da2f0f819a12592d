/** How the end of an answer's body is told. Pure; imports this folder. */

import type { FetchInit } from '../../src/spec/ports.ts';
import { ExchangeError } from './exchange-error.ts';
import type { ResponseHead } from './response-head.ts';

/** A number of bytes, chunks with an end of their own, or the end of the connection. */
export type BodyFraming = number | 'chunked' | 'close';

const ambiguous = (what: string): ExchangeError => new ExchangeError('Malformed_HTTP_Response', what);

const lengthOf = (value: string): number => {
  if (/^\d{1,15}$/.test(value)) return Number(value);
  const lengths = value.split(',').map((part) => part.trim());
  const [first = ''] = lengths;
  if (!/^\d{1,15}$/.test(first) || lengths.some((length) => length !== first))
    throw ambiguous('the answer has no one length');
  return Number(first);
};

/** Throws an `ExchangeError` where two readers could see two ends. */
export const bodyFramingOf = (head: ResponseHead, method: FetchInit['method']): BodyFraming => {
  if (method === 'HEAD' || head.status === 204 || head.status === 304) return 0;
  const length = head.get('content-length');
  const encoding = head.get('transfer-encoding');
  if (encoding === null) return length === null ? 'close' : lengthOf(length);
  if (length !== null) throw ambiguous('the answer has both a length and chunks');
  if (encoding.toLowerCase() !== 'chunked') throw ambiguous('the answer has an unknown transfer encoding');
  return 'chunked';
};
