/** Events to Gemini's server-sent answers. May import spec and wire. */

import type { ChatEvent, FinishReason } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import type { Usage } from '../../spec/usage.ts';
import { encodeUtf8 } from '../../wire/utf8.ts';
import type { Encoder, Stamp } from '../protocol.ts';
import { writeLogprobs } from './logprobs.ts';
import { createPartsWriter } from './parts-writer.ts';
import { writeFinishReason, writeUsage } from './schema.ts';

const nothing = new Uint8Array(0);

/**
 * Writes a chunk per part. Reasons and counts go into a last one, as Google has it: other engines count only after
 * they said why they stopped.
 */
export const encoder = (request: ChatRequest, stamp: Stamp): Encoder => {
  const identity = `"modelVersion":${JSON.stringify(request.model)},"responseId":${JSON.stringify(stamp.id)}}\n\n`;
  const writer = createPartsWriter(request, stamp);
  const reasons = new Map<number, FinishReason>();
  let usage: Usage | undefined;

  const chunk = (parts: string, choice: number, more: string): Uint8Array =>
    encodeUtf8(
      `data: {"candidates":[{"content":{"role":"model","parts":[${parts}]},"index":${choice}${more}}],${identity}`,
    );

  const push = (event: ChatEvent): Uint8Array => {
    switch (event.type) {
      case 'text-delta': {
        const part = writer.part(event);
        if (part === '') return nothing;
        const more =
          event.logprobs === undefined
            ? ''
            : `,"logprobsResult":${JSON.stringify(writeLogprobs(event.logprobs))}`;
        return chunk(part, event.choice ?? 0, more);
      }
      case 'finish': {
        reasons.set(event.choice ?? 0, event.reason);
        const rest = (event.choice ?? 0) === 0 ? writer.rest(event.reason) : [];
        return rest.length === 0 ? nothing : chunk(rest.join(','), 0, '');
      }
      case 'usage':
        usage = event.usage;
        return nothing;
      default: {
        const part = writer.part(event);
        if (part === '') return nothing;
        return chunk(
          part,
          event.type === 'reasoning-delta' || event.type === 'image' ? (event.choice ?? 0) : 0,
          '',
        );
      }
    }
  };

  const end = (): Uint8Array => {
    if (reasons.size === 0) reasons.set(0, 'stop');
    const candidates = [...reasons].map(
      ([choice, reason]) =>
        `{"content":{"role":"model","parts":[{"text":""}]},"finishReason":"${writeFinishReason(reason)}","index":${choice}}`,
    );
    const counts = usage === undefined ? '' : `"usageMetadata":${JSON.stringify(writeUsage(usage))},`;
    return encodeUtf8(`data: {"candidates":[${candidates.join(',')}],${counts}${identity}`);
  };

  return { push, end };
};
