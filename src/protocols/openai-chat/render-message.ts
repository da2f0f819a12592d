/** Neutral messages to OpenAI's. May import spec. */

import type { ContentPart, Message, ToolCall } from '../../spec/chat-request.ts';
import { asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { createCallIds } from '../call-ids.ts';
import { nameDropped, restore } from '../extension.ts';
import { imageTypeOf } from '../image-type.ts';
import { callPath, messagePath, partPath } from '../origin.ts';
import { nameForeignSignatures } from '../reasoning-loss.ts';
import { invalid } from '../request-checks.ts';

/**
 * Every call and every result needs an id here. A result is text: images of another dialect's results follow behind
 * all results of the turn, as the user's.
 */
export const renderMessages = (
  messages: readonly Message[],
  dropped: string[],
  origin: 'own' | 'foreign',
): readonly JsonObject[] => {
  const ids = createCallIds();
  const written: JsonObject[] = [];
  let shown: Json[] = [];

  const showBehindResults = (): void => {
    if (shown.length > 0) written.push({ role: 'user', content: shown });
    shown = [];
  };

  const contentOf = (message: Message, at: string): Json => {
    const content = renderContent(message, at, dropped);
    if (message.role !== 'tool' || origin === 'own' || !Array.isArray(content)) return content;
    const isText = (part: Json): boolean => asObject(part)?.type === 'text';
    shown.push(...content.filter((part) => !isText(part)));
    return content
      .filter(isText)
      .map((part) => asString(asObject(part)?.text) ?? '')
      .join('\n');
  };

  const idOfResult = (message: Message): string => {
    const found = ids.ofResult(message);
    return message.toolCallId ?? found ?? `call_${ids.count()}`;
  };

  for (const [index, message] of messages.entries()) {
    const at = messagePath(message, index);
    if (message.role !== 'tool') showBehindResults();
    nameDropped(message.ext, 'openai-chat', `${at}.`, dropped);
    nameForeignSignatures(message, 'openai-chat', at, dropped);
    if (message.toolFailed === true) dropped.push(`${at}.is_error`);
    const toolCalls = message.toolCalls?.map((call, position) => {
      nameDropped(call.ext, 'openai-chat', `${callPath(call, at, position)}.`, dropped);
      return renderToolCall(call, ids.ofCall(call));
    });
    const fields: JsonObject = {
      role: message.role,
      content: contentOf(message, at),
      ...(message.reasoning === undefined ? {} : { reasoning_content: message.reasoning }),
      ...(toolCalls === undefined ? {} : { tool_calls: toolCalls }),
      ...(message.role === 'tool' ? { tool_call_id: idOfResult(message) } : {}),
    };
    written.push(restore(fields, message.ext, 'openai-chat'));
  }
  showBehindResults();
  return written;
};

const renderToolCall = (call: ToolCall, id: string): JsonObject =>
  restore(
    { id, type: 'function', function: { name: call.name, arguments: call.arguments } },
    call.ext,
    'openai-chat',
  );

/** Beside tool calls, empty text is no content. */
const renderContent = ({ content, toolCalls }: Message, at: string, dropped: string[]): Json => {
  if (content === '' && toolCalls !== undefined && toolCalls.length > 0) return null;
  if (content === null || typeof content === 'string') return content;
  return content.map((part, index) => renderPart(part, partPath(part, at, index), dropped));
};

const renderPart = (part: ContentPart, at: string, dropped: string[]): Json => {
  if (part.type === 'other') {
    if (part.protocol === 'openai-chat') return part.raw;
    throw invalid(at, `${at} is of a type that the engine behind this model does not take`);
  }
  nameDropped(part.ext, 'openai-chat', `${at}.`, dropped);
  return restore(partFields(part), part.ext, 'openai-chat');
};

const partFields = (part: Exclude<ContentPart, { type: 'other' }>): JsonObject => {
  switch (part.type) {
    case 'text':
      return { type: 'text', text: part.text };
    case 'image': {
      const url = `data:${part.mediaType ?? imageTypeOf(part.data) ?? 'image/png'};base64,${part.data}`;
      return { type: 'image_url', image_url: { url } };
    }
    case 'image-url':
      return { type: 'image_url', image_url: { url: part.url } };
    case 'document':
      return part.mediaType === 'text/plain'
        ? { type: 'text', text: part.data }
        : { type: 'file', file: fileOf(part) };
    case 'audio':
      return { type: 'input_audio', input_audio: { data: part.data, format: part.format } };
  }
};

/** A file must have a name here. */
const fileOf = ({ data, mediaType, name }: Extract<ContentPart, { type: 'document' }>): JsonObject => ({
  filename: name ?? (mediaType === 'application/pdf' ? 'document.pdf' : 'document'),
  file_data: `data:${mediaType};base64,${data}`,
});
