/** The provider's account of a minute: how many requests and tokens of it are left, in the headers of every answer. */

import type { Clock } from '../spec/ports.ts';

/** Told of each request that is answered. */
export interface Limits {
  /** The headers of the answer to one more request of so many tokens. */
  take(inputTokens: number): Readonly<Record<string, string>>;
}

const minuteMs = 60_000;
const requestsPerMinute = 4000;
const inputTokensPerMinute = 2_000_000;

/** RFC 3339 without a fraction, as the provider writes it. */
const timeOf = (wallMs: number): string => `${new Date(wallMs).toISOString().slice(0, 19)}Z`;

/** Counts anew each minute. */
export const createLimits = (clock: Clock): Limits => {
  let minute = -1;
  let requests = 0;
  let inputTokens = 0;
  return {
    take: (tokens) => {
      const now = clock.wallMs();
      const current = Math.floor(now / minuteMs);
      if (current !== minute) {
        minute = current;
        requests = 0;
        inputTokens = 0;
      }
      requests += 1;
      inputTokens += tokens;
      const reset = timeOf((current + 1) * minuteMs);
      return {
        'anthropic-ratelimit-requests-limit': String(requestsPerMinute),
        'anthropic-ratelimit-requests-remaining': String(Math.max(0, requestsPerMinute - requests)),
        'anthropic-ratelimit-requests-reset': reset,
        'anthropic-ratelimit-input-tokens-limit': String(inputTokensPerMinute),
        'anthropic-ratelimit-input-tokens-remaining': String(Math.max(0, inputTokensPerMinute - inputTokens)),
        'anthropic-ratelimit-input-tokens-reset': reset,
      };
    },
  };
};
