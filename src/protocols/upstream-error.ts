/** Errors a decoder reports of the engine it listens to. May import spec. */

import type { ChatEvent } from '../spec/chat-event.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, type Json } from '../spec/json.ts';

/** An `error` event in the engine's own words; the shell classifies them and writes its own for the client. */
export const upstreamError = (message: string, cause?: unknown): ChatEvent => ({
  type: 'error',
  error: new GatewayError('upstream_error', message, { cause }),
});

/** What every decoder says of an answer whose end never came. */
export const cutShort = (): ChatEvent => upstreamError('the answer ended before it was complete');

/**
 * The words of an engine's `error` value: text (Ollama, LM Studio), `{message}` (OpenAI's shape),
 * or undefined where the value says that nothing is wrong.
 */
export const errorText = (value: Json | undefined): string | undefined => {
  if (typeof value === 'string') return value === '' ? undefined : value;
  if (value === undefined || value === null || value === false) return undefined;
  const message = asObject(value)?.message;
  return typeof message === 'string' && message !== ''
    ? message
    : 'the engine reported an error without a message';
};
