/** Neutral messages to Anthropic's system text and messages. May import spec and wire. */

import type { ContentPart, Message, ReasoningBlock, ToolCall } from '../../spec/chat-request.ts';
import type { GatewayError } from '../../spec/gateway-error.ts';
import { asObject, type Json, type JsonObject } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { type CallIds, createCallIds } from '../call-ids.ts';
import { nameDropped, restore } from '../extension.ts';
import { imageTypeOf } from '../image-type.ts';
import { argumentsPath, callPath, messagePath, partPath } from '../origin.ts';
import { invalid } from '../request-checks.ts';

/** What a conversation becomes. */
export interface RenderedConversation {
  readonly system: Json | undefined;
  readonly messages: readonly JsonObject[];
}

type Blocks = JsonObject[];

interface Turn {
  readonly role: 'user' | 'assistant';
  readonly blocks: Blocks;
}

/**
 * System texts stand beside the conversation here, in one piece; neighbours of one role become one message, and the
 * results of one turn come first in theirs.
 */
export const renderConversation = (messages: readonly Message[], dropped: string[]): RenderedConversation => {
  const ids = createCallIds();
  const system: Blocks = [];
  const turns: Turn[] = [];

  const turnOf = (role: Turn['role']): Blocks => {
    const last = turns[turns.length - 1];
    if (last?.role === role) return last.blocks;
    const blocks: Blocks = [];
    turns.push({ role, blocks });
    return blocks;
  };

  for (const [index, message] of messages.entries()) {
    const at = messagePath(message, index);
    nameDropped(message.ext, 'anthropic', `${at}.`, dropped);
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(...contentBlocks(message, at, dropped));
        break;
      case 'assistant':
        turnOf('assistant').push(...assistantBlocks(message, at, ids, dropped));
        break;
      case 'tool':
        addResult(turnOf('user'), resultBlock(message, at, ids, dropped));
        break;
      default:
        turnOf('user').push(...contentBlocks(message, at, dropped));
    }
  }
  trimEnd(turns[turns.length - 1]);
  return {
    system: systemOf(system),
    messages: turns
      .filter(({ blocks }) => blocks.length > 0)
      .map(({ role, blocks }) => ({ role, content: plainText(blocks) ?? blocks })),
  };
};

/** An answer that was begun for the model may not end in white space here. */
const trimEnd = (turn: Turn | undefined): void => {
  if (turn?.role !== 'assistant') return;
  const last = turn.blocks.pop();
  if (last === undefined) return;
  const text = last.type === 'text' && typeof last.text === 'string' ? last.text.trimEnd() : undefined;
  if (text === undefined) turn.blocks.push(last);
  else if (text !== '') turn.blocks.push({ ...last, text });
};

/** A text alone needs no block. */
const plainText = (blocks: readonly JsonObject[]): string | undefined => {
  const [first] = blocks;
  if (blocks.length !== 1 || first?.type !== 'text' || Object.keys(first).length !== 2) return undefined;
  return first.text as string;
};

/** Blocks where one of them holds more than its text, such as where a cached prefix ends. */
const systemOf = (blocks: readonly JsonObject[]): Json | undefined => {
  if (blocks.length === 0) return undefined;
  const isPlain = blocks.every((block) => block.type === 'text' && Object.keys(block).length === 2);
  return isPlain ? blocks.map(({ text }) => text as string).join('\n\n') : blocks;
};

/** Results stand before whatever else is in a message. */
const addResult = (blocks: Blocks, result: JsonObject): void => {
  const firstOther = blocks.findIndex(({ type }) => type !== 'tool_result');
  blocks.splice(firstOther < 0 ? blocks.length : firstOther, 0, result);
};

/** An empty text is refused by the provider, and says nothing. */
const contentBlocks = ({ content }: Message, at: string, dropped: string[]): Blocks => {
  if (content === null || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  const blocks: Blocks = [];
  for (const [index, part] of content.entries()) {
    if (part.type === 'text' && part.text === '') continue;
    blocks.push(blockOf(part, partPath(part, at, index), dropped));
  }
  return blocks;
};

const refuse = (at: string, what: string): GatewayError =>
  invalid(at, `${at} ${what}, which the engine behind this model does not take`);

const blockOf = (part: ContentPart, at: string, dropped: string[]): JsonObject => {
  if (part.type === 'other') {
    if (part.protocol === 'anthropic') return asObject(part.raw) ?? {};
    throw refuse(at, 'is of a type of another provider');
  }
  nameDropped(part.ext, 'anthropic', `${at}.`, dropped);
  return restore(fieldsOf(part, at), part.ext, 'anthropic');
};

const fieldsOf = (part: Exclude<ContentPart, { type: 'other' }>, at: string): JsonObject => {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image': {
      // A type that its sender got wrong is refused by the provider, and the bytes know better.
      const type = imageTypeOf(part.data) ?? part.mediaType ?? 'image/png';
      return { type: 'image', source: { type: 'base64', media_type: type, data: part.data } };
    }
    case 'image-url':
      if (!/^https?:\/\//i.test(part.url)) throw refuse(at, 'is an image that lies at no web address');
      return { type: 'image', source: { type: 'url', url: part.url } };
    case 'document':
      return documentBlock(part, at);
    case 'audio':
      throw refuse(at, 'is audio');
  }
};

const documentBlock = (
  { data, mediaType, name }: Extract<ContentPart, { type: 'document' }>,
  at: string,
): JsonObject => {
  const title = name === undefined ? {} : { title: name };
  if (mediaType === 'text/plain') {
    return { type: 'document', source: { type: 'text', media_type: mediaType, data }, ...title };
  }
  if (mediaType !== 'application/pdf') throw refuse(at, `is a file of type ${mediaType}`);
  return { type: 'document', source: { type: 'base64', media_type: mediaType, data }, ...title };
};

/** Reasoning first, then what was said, then the calls. */
const assistantBlocks = (message: Message, at: string, ids: CallIds, dropped: string[]): Blocks => [
  ...reasoningBlocks(message, at, dropped),
  ...contentBlocks(message, at, dropped),
  ...(message.toolCalls ?? []).map((call, index) =>
    callBlock(call, idFor(ids.ofCall(call)), callPath(call, at, index), dropped),
  ),
];

/** The provider takes back only what it signed itself. */
const reasoningBlocks = (message: Message, at: string, dropped: string[]): Blocks => {
  const { reasoningBlocks: blocks, reasoning } = message;
  if (blocks === undefined) {
    if (reasoning !== undefined && reasoning !== '') dropped.push(`${at}.reasoning`);
    return [];
  }
  return blocks.flatMap((block, index) => {
    if (isOwn(block)) return [ownBlock(block)];
    dropped.push(`${at}.reasoning[${index}]`);
    return [];
  });
};

/** Whether the provider signed it. */
export const isOwn = ({ signature }: ReasoningBlock): boolean => signature?.protocol === 'anthropic';

const ownBlock = ({ text, signature }: ReasoningBlock): JsonObject =>
  text === undefined
    ? { type: 'redacted_thinking', data: signature?.value }
    : { type: 'thinking', thinking: text, signature: signature?.value };

/** Other characters are refused; engines make ids of many kinds. */
const idFor = (id: string): string => id.replaceAll(/[^a-zA-Z0-9_-]/g, '_') || 'call';

const callBlock = (call: ToolCall, id: string, at: string, dropped: string[]): JsonObject => {
  nameDropped(call.ext, 'anthropic', `${at}.`, dropped);
  if (call.signature !== undefined) dropped.push(`${at}.signature`);
  const field = argumentsPath(call, at);
  const input = call.arguments.trim() === '' ? {} : asObject(tryParseJson(call.arguments));
  if (input === undefined) throw invalid(field, `${field} must be the JSON text of an object`);
  return restore({ type: 'tool_use', id, name: call.name, input }, call.ext, 'anthropic');
};

const resultBlock = (message: Message, at: string, ids: CallIds, dropped: string[]): JsonObject => {
  const id = ids.ofResult(message);
  if (id === undefined) {
    throw invalid(`${at}.tool_call_id`, `${at}.tool_call_id: a tool result must answer a call before it`);
  }
  const content = contentBlocks(message, at, dropped);
  return {
    type: 'tool_result',
    tool_use_id: idFor(id),
    ...(content.length === 0 ? {} : { content: plainText(content) ?? content }),
    ...(message.toolFailed === true ? { is_error: true } : {}),
  };
};
