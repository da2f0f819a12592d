/** What the contract's tests share: a clock that stands still, a plain request, and both directions of a codec. */

import type { Protocol, Stamp } from '../../src/protocols/protocol.ts';
import type { ChatEvent } from '../../src/spec/chat-event.ts';
import type { ChatRequest } from '../../src/spec/chat-request.ts';
import { runMachine } from '../wire/rechunk.ts';

/** A clock that stands still. */
export const stamp: Stamp = {
  id: 'req-0123-4567',
  createdUnix: 1_755_770_400,
  now: () => '2026-08-21T10:00:00.000Z',
  elapsedMs: () => 1500,
};

/** A request that asks for all a stream can hold. */
export const chatRequest: ChatRequest = {
  model: 'asked/for:this',
  stream: true,
  messages: [{ role: 'user', content: 'Hi' }],
  sampling: {},
  includeUsage: true,
};

/** A hundred times the usual draws take minutes. */
export const proofMs = 1_800_000;

/** All events of a stream in these chunks. */
export const decode = (protocol: Protocol, ...chunks: readonly Uint8Array[]): readonly ChatEvent[] =>
  runMachine(protocol.decoder('chat'), chunks);

/** The whole stream for these events. */
export const encode = (protocol: Protocol, events: readonly ChatEvent[]): Uint8Array => {
  const encoder = protocol.encoder(chatRequest, stamp);
  const parts = [...events.map((event) => encoder.push(event)), encoder.end()];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
};

/** A value as it comes out of JSON text. */
export const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
