/** One message of Anthropic's to its neutral form, which may be several. May import spec. */

import type { ContentPart, Extension, Message, ReasoningBlock, ToolCall } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import { extensionOf, keepUnknown } from '../extension.ts';
import { placed } from '../origin.ts';
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

/** Texts that say nothing but themselves are never told of. */
const partAt = (block: JsonObject, at: string, index: number): ContentPart => {
  const part = partOf(block);
  return part.type === 'text' && part.ext === undefined ? part : placed(part, `${at}[${index}]`);
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

/** A text, or blocks in their order; here and below, `at` is where they stand. */
export const parseContent = (value: Json | undefined, at: string): Message['content'] => {
  if (typeof value === 'string') return value;
  const blocks = asArray(value);
  if (blocks === undefined) return null;
  return contentOf(blocks.map((block, index) => partAt(asObject(block) ?? {}, at, index)));
};

const resultOf = (block: JsonObject, at: string): Message => {
  const result: Message = {
    role: 'tool',
    content: parseContent(block.content, `${at}.content`) ?? '',
    toolCallId: asString(block.tool_use_id),
    ...(block.is_error === true ? { toolFailed: true } : {}),
    ext: extensionFor(block, resultFields),
  };
  return result.toolFailed === true || result.ext !== undefined ? placed(result, at) : result;
};

/** Results come before whatever else the user says, as this dialect itself demands. */
const parseUser = (blocks: readonly Json[], at: string): readonly Message[] => {
  const results: Message[] = [];
  const parts: ContentPart[] = [];
  for (const [index, value] of blocks.entries()) {
    const block = asObject(value) ?? {};
    if (block.type === 'tool_result') results.push(resultOf(block, `${at}[${index}]`));
    else parts.push(partAt(block, at, index));
  }
  if (parts.length === 0 && results.length > 0) return results;
  return [...results, { role: 'user', content: contentOf(parts) }];
};

const dataOf = ({ data }: JsonObject): Signature => readSignature(asString(data) ?? '', 'anthropic');

/** The provider signs no calls: what stands before one and is another's is that call's. */
const isOfCall = (block: JsonObject, next: JsonObject | undefined): boolean =>
  next?.type === 'tool_use' && dataOf(block).protocol !== 'anthropic';

const callOf = (block: JsonObject, before: JsonObject | undefined, at: string): ToolCall => {
  const isSigned = before?.type === 'redacted_thinking' && isOfCall(before, block);
  const call: ToolCall = {
    id: asString(block.id),
    name: asString(block.name) ?? '',
    arguments: inputText(block.input),
    ...(isSigned ? { signature: dataOf(before) } : {}),
    ext: extensionFor(block, callFields),
  };
  return isSigned || call.ext !== undefined ? placed(call, at) : call;
};

const thinkingOf = (block: JsonObject): ReasoningBlock => {
  const signature = asString(block.signature);
  return {
    text: asString(block.thinking) ?? '',
    ...(signature ? { signature: readSignature(signature, 'anthropic') } : {}),
  };
};

const parseAssistant = (blocks: readonly Json[], at: string): Message => {
  const parts: ContentPart[] = [];
  const reasoningBlocks: ReasoningBlock[] = [];
  const toolCalls: ToolCall[] = [];
  for (const [index, value] of blocks.entries()) {
    const block = asObject(value) ?? {};
    if (block.type === 'tool_use')
      toolCalls.push(callOf(block, asObject(blocks[index - 1]), `${at}[${index}]`));
    else if (block.type === 'thinking') reasoningBlocks.push(thinkingOf(block));
    else if (block.type === 'redacted_thinking') {
      if (!isOfCall(block, asObject(blocks[index + 1]))) reasoningBlocks.push({ signature: dataOf(block) });
    } else parts.push(partAt(block, at, index));
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

/** Reads the message at `at`, which passed `peek`. */
export const parseMessage = (raw: JsonObject, at: string): readonly Message[] => {
  const blocks = asArray(raw.content);
  if (blocks === undefined || raw.role === 'system') {
    const role = raw.role === 'assistant' || raw.role === 'system' ? raw.role : 'user';
    return [{ role, content: parseContent(raw.content, `${at}.content`) }];
  }
  if (raw.role !== 'assistant') return parseUser(blocks, `${at}.content`);
  const message = parseAssistant(blocks, `${at}.content`);
  return [message.reasoningBlocks === undefined ? message : placed(message, at)];
};
