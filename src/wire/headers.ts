/**
 * Which headers cross the gateway: two short allow-lists, because a list of what to remove
 * forgets the next hop-by-hop header, cookie or encoding. Imports nothing.
 */

/** Tracing, and the dialect switches a caller sets for the engine; credentials are the backend's own. */
const requestHeaders = ['traceparent', 'tracestate', 'anthropic-beta', 'anthropic-version'] as const;

/** What clients pace themselves by; the `x-ratelimit-` names are OpenAI's six. */
const replyHeaders = [
  'retry-after',
  'x-ratelimit-limit-requests',
  'x-ratelimit-limit-tokens',
  'x-ratelimit-remaining-requests',
  'x-ratelimit-remaining-tokens',
  'x-ratelimit-reset-requests',
  'x-ratelimit-reset-tokens',
  'openai-processing-ms',
] as const;

/** The caller's headers that go upstream, under their lower-case names. */
export const forwardRequestHeaders = (headers: {
  get(name: string): string | null;
}): Record<string, string> => {
  const forwarded: Record<string, string> = {};
  for (const name of requestHeaders) {
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
  for (const name of replyHeaders) {
    const value = from.get(name);
    if (value !== null) to[name] = value;
  }
};
