/** Requests of keys with limits: counted before their body is read, answered with what is left. Imports gateway and spec. */

import type { Gateway } from '../gateway/gateway.ts';
import { type LimitView, limitView } from '../gateway/quotas.ts';
import type { Received } from '../gateway/stages.ts';
import type { Ports } from '../spec/ports.ts';
import type { Millis, ProtocolId } from '../spec/vocabulary.ts';

/** As OpenAI writes a duration: `12ms`, `1s`, `6m0s`. */
const durationText = (durationMs: Millis): string => {
  if (durationMs < 1000) return `${Math.ceil(durationMs)}ms`;
  const seconds = Math.ceil(durationMs / 1000);
  return seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`;
};

type Naming = (kind: string, view: LimitView, wallMs: Millis) => readonly (readonly [string, string])[];

const asOpenAi: Naming = (kind, { limit, remaining, resetMs }) => [
  [`x-ratelimit-limit-${kind}`, String(limit)],
  [`x-ratelimit-remaining-${kind}`, String(remaining)],
  [`x-ratelimit-reset-${kind}`, durationText(resetMs)],
];

const asAnthropic: Naming = (kind, { limit, remaining, resetMs }, wallMs) => [
  [`anthropic-ratelimit-${kind}-limit`, String(limit)],
  [`anthropic-ratelimit-${kind}-remaining`, String(remaining)],
  [`anthropic-ratelimit-${kind}-reset`, new Date(wallMs + resetMs).toISOString()],
];

/** Only these two dialects have such headers. */
const namings: Partial<Record<ProtocolId, Naming>> = {
  'openai-chat': asOpenAi,
  'openai-responses': asOpenAi,
  anthropic: asAnthropic,
};

/** Answers a request of a key with limits; `handle` is not called for one that is turned away. */
export const answerLimited = async (
  received: Received,
  { gateway, ports: { clock } }: { readonly gateway: Gateway; readonly ports: Pick<Ports, 'clock'> },
  handle: () => Promise<Response>,
): Promise<Response> => {
  const response = gateway.turnAway(received) ?? (await handle());
  const meters = gateway.quotas.of(received.principal.name);
  const naming = namings[received.protocol.id];
  if (meters === undefined || naming === undefined) return response;
  for (const meter of [meters.requests, meters.tokens]) {
    if (meter === undefined) continue;
    for (const [name, value] of naming(meter.kind, limitView(meter, clock.now()), clock.wallMs()))
      response.headers.set(name, value);
  }
  return response;
};
