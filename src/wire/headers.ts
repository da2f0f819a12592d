/**
 * Which headers cross the gateway: two short allow-lists, because a list of what to remove
 * forgets the next hop-by-hop header, cookie or encoding. Every request walks both, by index: an iterator for each
 * costs as much as the look-ups. Imports spec.
 */

import type { ProtocolId } from '../spec/vocabulary.ts';

/** The switches a caller sets for an engine of Anthropic's dialect; credentials are the backend's own. */
const anthropicHeaders: readonly string[] = ['anthropic-beta', 'anthropic-version'];

/** What clients pace themselves by; the `x-ratelimit-` names are OpenAI's six. */
const replyHeaders: readonly string[] = [
  'retry-after',
  'x-ratelimit-limit-requests',
  'x-ratelimit-limit-tokens',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-reset-requests',
  'x-ratelimit-reset-tokens',
  'openai-processing-ms',
];

interface NamedValues {
  get(name: string): string | null;
}

const forward = (names: readonly string[], from: NamedValues, to: Record<string, string>): boolean => {
  let found = false;
  for (let index = 0; index < names.length; index += 1) {
    const name = names[index] ?? '';
    const value = from.get(name);
    if (value === null) continue;
    to[name] = value;
    found = true;
  }
  return found;
};

const parent: readonly string[] = ['traceparent'];
const state: readonly string[] = ['tracestate'];

/** The caller's headers that go upstream, under their lower-case names; the switches only of a dialect that is spoken. */
export const forwardRequestHeaders = (
  headers: NamedValues,
  dialects: readonly ProtocolId[],
): Record<string, string> => {
  const forwarded: Record<string, string> = {};
  // A state without its parent says nothing (W3C Trace Context 3.3).
  if (forward(parent, headers, forwarded)) forward(state, headers, forwarded);
  if (dialects.includes('anthropic')) forward(anthropicHeaders, headers, forwarded);
  return forwarded;
};

/** Adds the engine's headers that reach a client to those of an answer, and says whether there were any. */
export const forwardReplyHeaders = (from: NamedValues, to: Record<string, string>): boolean =>
  forward(replyHeaders, from, to);
