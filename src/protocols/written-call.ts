/** What a model wrote as a call of a tool, for dialects that take its arguments as an object. May import spec and wire. */

import type { FinishReason } from '../spec/chat-event.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asObject } from '../spec/json.ts';
import { tryParseJson } from '../wire/json.ts';

/** Arguments as the text of a JSON object on one line; no text at all means none, undefined that they are no object. */
export const argumentsObject = (text: string): string | undefined => {
  if (text.trim() === '') return '{}';
  return asObject(tryParseJson(text)) === undefined ? undefined : text.replaceAll(/[\r\n]+/g, ' ');
};

/**
 * Passes over a call that the limit of tokens cut off: the end says so, and what is there of it is not to be run.
 * Throws `upstream_error` for any other whose arguments are no object, as Ollama's own server does.
 */
export const passOverCut = (reason: FinishReason | undefined): void => {
  if (reason === 'length') return;
  throw new GatewayError('upstream_error', 'the model wrote tool call arguments that are not a JSON object');
};

/**
 * Throws where an engine could not read the call that its model wrote: without it the answer would seem to have ended well,
 * and whoever waits for the call would take the work for done.
 */
export const refuseUnreadableCall = (reason: FinishReason | undefined): void => {
  if (reason !== 'unreadable-call') return;
  throw new GatewayError('upstream_error', 'the model wrote a tool call that its engine could not read');
};
