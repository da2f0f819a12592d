/** A short question to a host beside the requests it answers. Shell. */

import { asObject, type JsonObject } from '../spec/json.ts';
import type { Ports } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8 } from '../wire/utf8.ts';

/** What is posted, and how long it may take. */
export interface HostQuestion {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly timeoutMs: Millis;
}

/** The object it answers with; undefined where it gives none, or none in time, so that another may be asked. */
export const askHost = async (
  { url, headers, body, timeoutMs }: HostQuestion,
  { clock, fetch }: Pick<Ports, 'clock' | 'fetch'>,
): Promise<JsonObject | undefined> => {
  const controller = new AbortController();
  const cancel = clock.after(timeoutMs, () => controller.abort());
  try {
    const reply = await fetch(url, { method: 'POST', headers, body, signal: controller.signal });
    const answer = new Uint8Array(await reply.arrayBuffer());
    return reply.status === 200 ? asObject(tryParseJson(decodeUtf8(answer))) : undefined;
  } catch {
    return undefined;
  } finally {
    cancel();
  }
};
