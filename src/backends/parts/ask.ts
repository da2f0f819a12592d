/** The questions a probe puts to one engine. Imports spec and this folder. */

import type { Json } from '../../spec/json.ts';
import type { Fetch } from '../../spec/ports.ts';
import { requestJson } from '../request-json.ts';
import { type Reply, request } from './request.ts';

export interface Ask {
  /** Any answer, whatever its status. */
  reply(path: string): Promise<Reply>;
  /** A JSON answer with a 2xx status; throws otherwise. */
  json(path: string): Promise<Json>;
  /** The same where the answer is only of use when it comes. */
  optional(path: string): Promise<Json | undefined>;
}

/** Binds address, headers and signal once, so that a kind only names paths. */
export const createAsk = (
  fetch: Fetch,
  base: string,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Ask => {
  const json = (path: string): Promise<Json> => requestJson(fetch, `${base}${path}`, headers, signal);
  return {
    json,
    reply: (path) => request(fetch, `${base}${path}`, headers, signal),
    optional: (path) => json(path).catch(() => undefined),
  };
};
