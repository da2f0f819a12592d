/** One message of Anthropic's to its neutral form, which may be several. May import spec. */

import type { ContentPart, Extension, Message, ReasoningBlock, ToolCall } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import { extensionOf, keepUnknown } from '../extension.ts';
import { readSignature } from '../signature-tag.ts';
import { inputText } from './schema.ts';

const textFields: ReadonlySet<string> = new Set(['type', 'text']);
const sourceFields: ReadonlySet<string> = new Set(['type', 'source', 'title']);
const resultFields: ReadonlySet<string> = new Set(['type', 'tool_use_id', 'content', 'is_error']);
const callFields: ReadonlySet<string> = new Set(['type', 'id', 'name', 'input']);

const extensionFor = (block: JsonObject, known: ReadonlySet<string>): Extension | undefined =>
  extensionOf('anthropic', keepUnknown(block, known));

const other = (raw: JsonObject): ContentPart => ({ type: 'other', protocol: 'anthropic', raw });

const imagePart = (block: JsonObject): ContentPart => {
  const source = asObject(block.source);
  const ext = extensionFor(block, sourceFields);
  if (source?.type === 'base64') {
    return { type: 'image', data: asString(source.data) ?? '', mediaType: asString(source.media_type), ext };
  }
  return source?.type === 'url' ? { type: 'image-url', url: asString(source.url) ?? '', ext } : other(block);
};

const documentPart = (block: JsonObject): ContentPart => {
  const source = asObject(block.source);
  if (source?.type !== 'base64' && source?.type !== 'text') return other(block);
  return {
    type: 'document',
    data: asString(source.data) ?? '',
    mediaType: source.type === 'text' ? 'text/plain' : (asString(source.media_type) ?? 'application/pdf'),
    name: asString(block.title),
    ext: extensionFor(block, sourceFields),
  };
};

const partOf = (block: JsonObject): ContentPart => {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: asString(block.text) ?? '', ext: extensionFor(block, textFields) };
    case 'image':
      return imagePart(block);
    case 'document':
      return documentPart(block);
    default:
      return other(block);
  }
};

/** One plain text is a string everywhere. */
const contentOf = (parts: readonly ContentPart[]): Message['content'] => {
  const [first] = parts;
  return parts.length === 1 && first?.type === 'text' && first.ext === undefined ? first.text : parts;
};

/** A text, or blocks in their order. */
export const parseContent = (value: Json | undefined): Message['content'] => {
  if (typeof value === 'string') return value;
  const blocks = asArray(value);
  return blocks === undefined ? null : contentOf(blocks.map((block) => partOf(asObject(block) ?? {})));
};

const resultOf = (block: JsonObject): Message => ({
  role: 'tool',
  content: parseContent(block.content) ?? '',
  toolCallId: asString(block.tool_use_id),
  ...(block.is_error === true ? { toolFailed: true } : {}),
  ext: extensionFor(block, resultFields),
});

/** Results come before whatever else the user says, as this dialect itself demands. */
const parseUser = (blocks: readonly Json[]): readonly Message[] => {
  const results: Message[] = [];
  const parts: ContentPart[] = [];
  for (const value of blocks) {
    const block = asObject(value) ?? {};
    if (block.type === 'tool_result') results.push(resultOf(block));
    else parts.push(partOf(block));
  }
  if (parts.length === 0 && results.length > 0) return results;
  return [...results, { role: 'user', content: contentOf(parts) }];
};

const dataOf = ({ data }: JsonObject): Signature => readSignature(asString(data) ?? '', 'anthropic');

/** The provider signs no calls: what stands before one and is another's is that call's. */
const isOfCall = (block: JsonObject, next: JsonObject | undefined): boolean =>
  next?.type === 'tool_use' && dataOf(block).protocol !== 'anthropic';

const callOf = (block: JsonObject, before: JsonObject | undefined): ToolCall => {
  const isSigned = before?.type === 'redacted_thinking' && isOfCall(before, block);
  return {
    id: asString(block.id),
    name: asString(block.name) ?? '',
    arguments: inputText(block.input),
    ...(isSigned ? { signature: dataOf(before) } : {}),
    ext: extensionFor(block, callFields),
  };
};

const thinkingOf = (block: JsonObject): ReasoningBlock => {
  const signature = asString(block.signature);
  return {
    text: asString(block.thinking) ?? '',
    ...(signature ? { signature: readSignature(signature, 'anthropic') } : {}),
  };
};

const parseAssistant = (blocks: readonly Json[]): Message => {
  const parts: ContentPart[] = [];
  const reasoningBlocks: ReasoningBlock[] = [];
  const toolCalls: ToolCall[] = [];
  for (const [index, value] of blocks.entries()) {
    const block = asObject(value) ?? {};
    if (block.type === 'tool_use') toolCalls.push(callOf(block, asObject(blocks[index - 1])));
    else if (block.type === 'thinking') reasoningBlocks.push(thinkingOf(block));
    else if (block.type === 'redacted_thinking') {
      if (!isOfCall(block, asObject(blocks[index + 1]))) reasoningBlocks.push({ signature: dataOf(block) });
    } else parts.push(partOf(block));
  }
  const reasoning = reasoningBlocks.map(({ text = '' }) => text).join('');
  return {
    role: 'assistant',
    content: parts.length === 0 ? null : contentOf(parts),
    ...(reasoning === '' ? {} : { reasoning }),
    ...(reasoningBlocks.length === 0 ? {} : { reasoningBlocks }),
    ...(toolCalls.length === 0 ? {} : { toolCalls }),
  };
};

/** Reads a message that passed `peek`. */
export const parseMessage = (raw: JsonObject): readonly Message[] => {
  const blocks = asArray(raw.content);
  if (raw.role === 'assistant') {
    return [
      blocks === undefined
        ? { role: 'assistant', content: parseContent(raw.content) }
        : parseAssistant(blocks),
    ];
  }
  if (raw.role === 'system' || blocks === undefined) {
    return [{ role: raw.role === 'system' ? 'system' : 'user', content: parseContent(raw.content) }];
  }
  return parseUser(blocks);
};
