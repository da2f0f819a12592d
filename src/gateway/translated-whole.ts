/** The client's form of a whole answer: the host's own bytes, or its events written in the caller's dialect. */

import type { Stamp } from '../protocols/protocol.ts';
import { asArray, asObject, type JsonObject } from '../spec/json.ts';
import { encodeUtf8 } from '../wire/utf8.ts';
import type { OpenWhole } from './attempt.ts';
import type { Resolved } from './stages.ts';

/**
 * OpenAI's SDKs ask for base64 vectors and decode what comes without looking;
 * an engine that answers with plain numbers all the same would give them garbage.
 */
const mustEncodeVectors = ({ body: asked }: Resolved, answer: JsonObject): boolean =>
  asked.encoding_format === 'base64' && Array.isArray(asObject(asArray(answer.data)?.[0])?.embedding);

/** Bytes to send; the same object where nothing has to change. */
export const translatedWhole = (opened: OpenWhole, resolved: Resolved, stamp: Stamp): Uint8Array => {
  const { protocol, operation, path } = resolved.received;
  const { wire, mode } = opened.attempt.request;
  if (operation === 'embed') {
    if (mode === 'pass' && !mustEncodeVectors(resolved, opened.body)) return opened.bytes;
    const request = protocol.embed.parse(resolved.body, path);
    const result = wire.embed.decode(opened.body);
    const timings = { ...result.usage.timings, totalMs: result.usage.timings?.totalMs ?? stamp.elapsedMs() };
    const timed = { ...result, usage: { ...result.usage, timings } };
    return encodeUtf8(JSON.stringify(protocol.embed.encode(timed, request)));
  }
  if (mode === 'pass') return opened.bytes;
  return encodeUtf8(JSON.stringify(protocol.whole.encode(opened.events, resolved.neutral(), stamp)));
};
