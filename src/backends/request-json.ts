/** One GET whose answer must be JSON with a 2xx status. Imports spec, wire and this folder. */

import type { Json } from '../spec/json.ts';
import type { Fetch } from '../spec/ports.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8 } from '../wire/utf8.ts';
import { type Reply, request } from './parts/request.ts';
import { UnexpectedReply } from './parts/unexpected-reply.ts';

/** The value of a reply that must be JSON; a redirect is refused like an error, since nobody configured its target. */
export const jsonOf = ({ status, bytes }: Reply): Json => {
  if (status < 200 || status > 299) throw new UnexpectedReply(`answered ${status}`, status);
  const value = tryParseJson(decodeUtf8(bytes));
  if (value === undefined) throw new UnexpectedReply('answered something that is not JSON');
  return value;
};

/** Asks for a JSON value of at most 8 MiB; throws `UnexpectedReply`, or an error around the transport's own. */
export const requestJson = async (
  fetch: Fetch,
  url: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<Json> => jsonOf(await request(fetch, url, headers, signal));
