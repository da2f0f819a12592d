/** The turns of a Gemini conversation to neutral messages. May import spec and wire. */

import type { ContentPart, Extension, Message, ReasoningBlock, ToolCall } from '../../spec/chat-request.ts';
import { GatewayError } from '../../spec/gateway-error.ts';
import { asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import { decodeUtf8 } from '../../wire/utf8.ts';
import { extensionOf, keepUnknown } from '../extension.ts';
import { placed } from '../origin.ts';
import { readSignature } from '../signature-tag.ts';
import { listOf, member } from './schema.ts';

/** What is looked at of a part; anything else is kept and named. */
const partFields: ReadonlySet<string> = new Set([
  ...['text', 'thought', 'thoughtSignature', 'thought_signature', 'inlineData', 'inline_data'],
  ...['functionCall', 'function_call', 'functionResponse', 'function_response'],
]);

/** A part of a turn, and where it stands. */
interface Sent {
  readonly part: JsonObject;
  readonly at: string;
}

const sentParts = ({ parts }: JsonObject, at: string): readonly Sent[] =>
  listOf(parts).map((part, index) => ({ part: asObject(part) ?? {}, at: `${at}.parts[${index}]` }));

/** Turns of the model that follow each other are one: a client that streamed sends back as many as it got chunks. */
export const parseContents = (value: Json | undefined): readonly Message[] => {
  const messages: Message[] = [];
  let turn: Sent[] = [];
  let turnAt = '';
  const endTurn = (): void => {
    if (turn.length > 0) {
      const message = parseModelTurn(turn);
      messages.push(message.reasoningBlocks === undefined ? message : placed(message, turnAt));
    }
    turn = [];
  };
  for (const [index, entry] of listOf(value).entries()) {
    const content = asObject(entry) ?? {};
    const at = `contents[${index}]`;
    const sent = sentParts(content, at);
    if (content.role === 'model') {
      if (turn.length === 0) turnAt = at;
      turn.push(...sent);
    } else {
      endTurn();
      parseUserTurn(sent, messages);
    }
  }
  endTurn();
  return messages;
};

/** The text of a content without a turn, such as the system's; null where it has none. */
export const textPartsOf = (content: JsonObject): Message['content'] =>
  simplified(sentParts(content, 'systemInstruction').map(parsePart));

/** One text stands for itself. */
const simplified = (parts: readonly ContentPart[]): Message['content'] => {
  const [first] = parts;
  if (first === undefined) return null;
  return parts.length === 1 && first.type === 'text' && first.ext === undefined ? first.text : parts;
};

/** Results of calls are messages of their own, in the place they had among the parts. */
const parseUserTurn = (turn: readonly Sent[], messages: Message[]): void => {
  let said: ContentPart[] = [];
  const say = (): void => {
    const content = simplified(said);
    if (content !== null) messages.push({ role: 'user', content });
    said = [];
  };
  for (const sent of turn) {
    const response = asObject(member(sent.part, 'functionResponse', 'function_response'));
    if (response === undefined) said.push(parsePart(sent));
    else {
      say();
      const result = parseResponse(response);
      messages.push(result.toolFailed === true ? placed(result, sent.at) : result);
    }
  }
  say();
};

const parseModelTurn = (turn: readonly Sent[]): Message => {
  const content: ContentPart[] = [];
  const blocks: ReasoningBlock[] = [];
  const toolCalls: ToolCall[] = [];
  for (const sent of turn) {
    const { part } = sent;
    const signature = signatureOf(part);
    const call = asObject(member(part, 'functionCall', 'function_call'));
    if (call !== undefined) {
      const parsed = parseCall(call, signature);
      toolCalls.push(signature === undefined ? parsed : placed(parsed, sent.at));
    } else if (part.thought === true) addThought(blocks, asString(part.text) ?? '', signature);
    else {
      addContent(content, sent);
      if (signature !== undefined) blocks.push({ signature });
    }
  }
  const reasoning = blocks.map(({ text }) => text ?? '').join('');
  return {
    role: 'assistant',
    content: simplified(content),
    reasoning: reasoning === '' ? undefined : reasoning,
    reasoningBlocks: blocks.length > 0 ? blocks : undefined,
    toolCalls: toolCalls.length > 0 ? toolCalls : undefined,
  };
};

/** Thoughts come in pieces, of which the last one of a block is signed. */
const addThought = (blocks: ReasoningBlock[], text: string, signature: Signature | undefined): void => {
  const last = blocks[blocks.length - 1];
  const isOpen = last?.text !== undefined && last.signature === undefined;
  const block = { text: (isOpen ? last.text : '') + text, signature };
  if (isOpen) blocks[blocks.length - 1] = block;
  else blocks.push(block);
};

/** Pieces of one text are joined as they were cut, or other dialects would put a line break between them. */
const addContent = (content: ContentPart[], sent: Sent): void => {
  const parsed = parsePart(sent);
  const last = content[content.length - 1];
  if (parsed.type === 'text' && parsed.ext === undefined) {
    if (parsed.text === '') return;
    if (last?.type === 'text' && last.ext === undefined) {
      content[content.length - 1] = { type: 'text', text: last.text + parsed.text };
      return;
    }
  }
  content.push(parsed);
};

const signatureOf = (part: JsonObject): Signature | undefined => {
  const value = member(part, 'thoughtSignature', 'thought_signature');
  return typeof value === 'string' && value !== '' ? readSignature(value, 'gemini') : undefined;
};

const isEmpty = (part: JsonObject): boolean => {
  for (const field in part) if (field !== 'thoughtSignature' && field !== 'thought_signature') return false;
  return true;
};

/** Texts that say nothing but themselves are never told of. */
const parsePart = ({ part, at }: Sent): ContentPart => {
  const parsed = readPart(part);
  return parsed.type === 'text' && parsed.ext === undefined ? parsed : placed(parsed, at);
};

const readPart = (part: JsonObject): ContentPart => {
  const ext = extensionOf('gemini', keepUnknown(part, partFields));
  if (typeof part.text === 'string') return { type: 'text', text: part.text, ext };
  const blob = asObject(member(part, 'inlineData', 'inline_data'));
  if (blob !== undefined) return parseBlob(blob, ext);
  return isEmpty(part) ? { type: 'text', text: '' } : { type: 'other', protocol: 'gemini', raw: part };
};

const parseBlob = (blob: JsonObject, ext: Extension | undefined): ContentPart => {
  const mediaType = asString(member(blob, 'mimeType', 'mime_type')) ?? '';
  const data = asString(blob.data) ?? '';
  if (mediaType.startsWith('image/')) return { type: 'image', data, mediaType, ext };
  if (mediaType.startsWith('audio/')) return { type: 'audio', data, format: mediaType.slice(6), ext };
  const name = asString(member(blob, 'displayName', 'display_name'));
  return {
    type: 'document',
    data: mediaType === 'text/plain' ? textOf(data) : data,
    mediaType,
    name,
    ext,
  };
};

/** Plain text travels in base64 here, and as it is in the neutral form; of a very long one only the head is there. */
const textOf = (base64: string): string => {
  try {
    const binary = atob(base64.replaceAll('-', '+').replaceAll('_', '/'));
    return decodeUtf8(Uint8Array.from(binary, (character) => character.charCodeAt(0)));
  } catch {
    throw new GatewayError(
      'unprocessable',
      'a plain text this long cannot be translated as data; send it as a part of text',
      { param: 'contents' },
    );
  }
};

const parseCall = (call: JsonObject, signature: Signature | undefined): ToolCall => ({
  id: asString(call.id),
  name: asString(call.name) ?? '',
  arguments: JSON.stringify(call.args ?? {}),
  signature,
});

/** The members under which a text is conventionally wrapped, since a response must be an object here. */
const wrappers = ['result', 'output', 'error'] as const;

const parseResponse = (given: JsonObject): Message => {
  const response = asObject(given.response) ?? {};
  const [name, ...others] = Object.keys(response);
  const wrapper = others.length === 0 ? wrappers.find((each) => each === name) : undefined;
  const inner = wrapper && response[wrapper];
  const isText = typeof inner === 'string';
  return {
    role: 'tool',
    content: isText ? inner : JSON.stringify(wrapper === 'error' ? inner : response),
    toolCallId: asString(given.id),
    toolName: asString(given.name),
    toolFailed: wrapper === 'error' ? true : undefined,
  };
};
