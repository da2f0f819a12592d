/** The client's form of a whole answer: the host's own bytes, or its events written in the caller's dialect. */

import { asArray, asObject, type JsonObject } from '../spec/json.ts';
import type { Clock } from '../spec/ports.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import type { OpenWhole } from './open-attempt.ts';
import { remember } from './recall.ts';
import { neutralOf, type Resolved } from './stages.ts';
import { stampOf } from './stamp.ts';
import type { StoredResponses } from './stored-responses.ts';

/**
 * OpenAI's SDKs ask for base64 vectors and decode what comes without looking;
 * an engine that answers with plain numbers all the same would give them garbage.
 */
const mustEncodeVectors = ({ body: asked }: Resolved, answer: JsonObject): boolean =>
  asked.encoding_format === 'base64' && Array.isArray(asObject(asArray(answer.data)?.[0])?.embedding);

/** Bytes to send; the same object where nothing has to change. An answer that was written here is kept, if it may be. */
export const translatedWhole = (
  opened: OpenWhole,
  resolved: Resolved,
  clock: Clock,
  stored: StoredResponses,
): Uint8Array => {
  const { protocol, operation, path } = resolved.received;
  const { answer } = opened;
  const { wire, mode } = opened.attempt.request;
  if (operation === 'embed') {
    if (mode === 'pass' && !mustEncodeVectors(resolved, answer.body)) return answer.bytes;
    const request = protocol.embed.parse(resolved.body, path);
    const result = wire.embed.decode(answer.body);
    const timings = {
      ...result.usage.timings,
      totalMs: result.usage.timings?.totalMs ?? clock.now() - resolved.received.arrivedAt,
    };
    const timed = { ...result, usage: { ...result.usage, timings } };
    return encodeUtf8(JSON.stringify(protocol.embed.encode(timed, request)));
  }
  if (mode === 'pass') return answer.bytes;
  const stamp = stampOf(resolved.received, clock);
  const body = protocol.whole.encode(answer.events, neutralOf(resolved), stamp);
  remember(resolved, body, stored);
  return encodeUtf8(JSON.stringify(body));
};
