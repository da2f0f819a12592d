/**
 * Which headers cross the gateway: two short allow-lists, because a list of what to remove
 * forgets the next hop-by-hop header, cookie or encoding. Every request walks both, by index: an iterator for each
 * costs as much as the look-ups. Imports nothing.
 */

/** Tracing, and the dialect switches a caller sets for the engine; credentials are the backend's own. */
const requestHeaders: readonly string[] = [
  'traceparent',
  'tracestate',
  'anthropic-beta',
  'anthropic-version',
];

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

/** The caller's headers that go upstream, under their lower-case names. */
export const forwardRequestHeaders = (headers: {
  get(name: string): string | null;
}): Record<string, string> => {
  const forwarded: Record<string, string> = {};
  for (let index = 0; index < requestHeaders.length; index += 1) {
    const name = requestHeaders[index] ?? '';
    const value = headers.get(name);
    if (value !== null) forwarded[name] = value;
  }
  return forwarded;
};

/** Adds the engine's headers that reach a client to those of an answer. */
export const forwardReplyHeaders = (
  from: { get(name: string): string | null },
  to: Record<string, string>,
): void => {
  for (let index = 0; index < replyHeaders.length; index += 1) {
    const name = replyHeaders[index] ?? '';
    const value = from.get(name);
    if (value !== null) to[name] = value;
  }
};
