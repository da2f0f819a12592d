/** A body that passes in a dialect whose paths name the model. Shell. */

import { attachLargeStrings } from '../wire/large-strings.ts';
import { type JsonEdit, spliceJson } from '../wire/splice.ts';
import type { Resolved } from './stages.ts';

/** The name stands in the path, and in the body at most beside each text to be embedded, which its dialect knows. */
export const passedUnderPath = (resolved: Resolved, upstream: string): Uint8Array => {
  const { body, peek, received, large, ownMembers } = resolved;
  const { bytes, operation, protocol, path } = received;
  if (operation === 'embed' && peek.model !== upstream) {
    const request = protocol.embed.parse(body, path);
    const rendered = protocol.embed.render({ ...request, model: upstream }).body;
    return attachLargeStrings(JSON.stringify({ ...rendered, intent: undefined }), large);
  }
  const own = body.intent === undefined ? ownMembers : [...ownMembers, 'intent'];
  if (own.length === 0) return bytes;
  const edits: readonly JsonEdit[] = own.map((name) => ({ path: [name], value: undefined }));
  const without = { ...body, intent: undefined, model: undefined, stream: undefined };
  return spliceJson(bytes, edits) ?? attachLargeStrings(JSON.stringify(without), large);
};
