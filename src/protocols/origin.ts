/**
 * Where a part of a neutral request stood in the body it was read from, so that an error or a loss is told by the path its
 * sender knows: messages are counted otherwise in dialects with a system text of its own, or with items for calls.
 * May import spec.
 */

import type { ContentPart, Message, ToolCall } from '../spec/chat-request.ts';

type Placed = ContentPart | Message | ToolCall;

/** Beside the objects and not in them: a path is no part of what was said. */
const origins = new WeakMap<Placed, string>();

/**
 * Remembers the path of what was read. It costs more than the reading: it is for what another dialect may refuse or lose,
 * and for messages that hold such in themselves.
 */
export const placed = <Kind extends Placed>(read: Kind, path: string): Kind => {
  origins.set(read, path);
  return read;
};

/** Undefined where the neutral path is the sender's too. */
const originOf = (read: Placed): string | undefined => origins.get(read);

/** The path of the message at `index`. */
export const messagePath = (message: Message, index: number): string =>
  originOf(message) ?? `messages[${index}]`;

/** The path of a part in the message at `at`. */
export const partPath = (part: ContentPart, at: string, index: number): string =>
  originOf(part) ?? `${at}.content[${index}]`;

/** The path of a call in the message at `at`. */
export const callPath = (call: ToolCall, at: string, index: number): string =>
  originOf(call) ?? `${at}.tool_calls[${index}]`;

/** The path of a call's arguments; `at` is that of the call. */
export const argumentsPath = (call: ToolCall, at: string): string =>
  originOf(call) === undefined ? `${at}.function.arguments` : `${at}.arguments`;

/** The path of an image that is named by its URL; `at` is that of the part. */
export const imageUrlPath = (part: ContentPart, at: string): string =>
  originOf(part) === undefined ? `${at}.image_url.url` : at;
