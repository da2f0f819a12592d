/** One OpenAI message to its neutral form. May import spec. */

import type { ContentPart, Message, Role, ToolCall } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { extensionOf, type Kept, keepUnknown } from '../extension.ts';

const knownInMessage: ReadonlySet<string> = new Set([
  ...['role', 'content', 'reasoning_content', 'reasoning', 'tool_calls', 'tool_call_id', 'name'],
]);
const knownInToolCall: ReadonlySet<string> = new Set(['id', 'type', 'function']);

/** Reads a message that passed `peek`. */
export const parseMessage = (raw: JsonObject): Message => {
  const kept = keepUnknown(raw, knownInMessage);
  const { unknown, sent } = kept;
  const sentRole = asString(raw.role) ?? '';
  const lowered = sentRole.toLowerCase();
  const role = lowered === 'function' ? 'tool' : lowered;
  if (role !== sentRole) sent.role = raw.role;
  const toolName = role === 'tool' ? asString(raw.name) : undefined;
  if ('name' in raw) (toolName === undefined ? unknown : sent).name = raw.name;
  const calls = asArray(raw.tool_calls);
  if (calls === undefined && 'tool_calls' in raw) sent.tool_calls = raw.tool_calls;
  const toolCallId = role === 'tool' ? asString(raw.tool_call_id) : undefined;
  if (toolCallId === undefined && (role === 'tool' || 'tool_call_id' in raw))
    sent.tool_call_id = raw.tool_call_id;
  return {
    role: role as Role,
    content: contentOf(raw, sent),
    reasoning: reasoningOf(raw, sent),
    toolCalls: calls?.map((call) => parseToolCall(asObject(call) ?? {})),
    toolCallId,
    toolName,
    ext: extensionOf('openai-chat', kept),
  };
};

type Sent = Kept['sent'];

const contentOf = (raw: JsonObject, sent: Sent): Message['content'] => {
  if (raw.content === '' && 'tool_calls' in raw) sent.content = '';
  if (typeof raw.content === 'string') return raw.content;
  const parts = asArray(raw.content);
  if (parts === undefined && !('content' in raw)) sent.content = undefined;
  return parts?.map(parsePart) ?? null;
};

/** Rendered as `reasoning_content`; `reasoning` is the other spelling in use. */
const reasoningOf = (raw: JsonObject, sent: Sent): string | undefined => {
  const reasoning = asString(raw.reasoning_content) ?? asString(raw.reasoning);
  if ('reasoning' in raw || typeof raw.reasoning_content !== 'string') {
    for (const field of ['reasoning', 'reasoning_content'] as const) {
      if (reasoning !== undefined || field in raw) sent[field] = raw[field];
    }
  }
  return reasoning;
};

/** A call that is no function keeps its shape for its own dialect. */
const parseToolCall = (raw: JsonObject): ToolCall => {
  const kept = keepUnknown(raw, knownInToolCall);
  const { sent } = kept;
  const called = asObject(raw.function);
  const name = asString(called?.name) ?? asString(asObject(raw.custom)?.name) ?? '';
  if (raw.type !== 'function') sent.type = raw.type;
  if (called === undefined || Object.keys(called).length !== 2 || typeof called.arguments !== 'string') {
    sent.function = raw.function;
  }
  const id = asString(raw.id);
  if (id === undefined) sent.id = raw.id;
  return { id, name, arguments: asString(called?.arguments) ?? '', ext: extensionOf('openai-chat', kept) };
};

const parsePart = (value: Json): ContentPart => {
  const raw = asObject(value) ?? {};
  switch (raw.type) {
    case 'text':
      return {
        type: 'text',
        text: asString(raw.text) ?? '',
        ext: extensionOf('openai-chat', keepUnknown(raw, textFields)),
      };
    case 'refusal': {
      const kept = keepUnknown(raw, refusalFields);
      Object.assign(kept.sent, { type: 'refusal', text: undefined, refusal: raw.refusal });
      return { type: 'text', text: asString(raw.refusal) ?? '', ext: extensionOf('openai-chat', kept) };
    }
    case 'image_url':
      return parseImage(raw);
    case 'input_audio':
      return parseAudio(raw);
    case 'file':
      return parseFile(raw);
    default:
      return { type: 'other', protocol: 'openai-chat', raw: value };
  }
};

const textFields: ReadonlySet<string> = new Set(['type', 'text']);
const refusalFields: ReadonlySet<string> = new Set(['type', 'text', 'refusal']);
const imageFields: ReadonlySet<string> = new Set(['type', 'image_url']);
const audioFields: ReadonlySet<string> = new Set(['type', 'input_audio']);
const fileFields: ReadonlySet<string> = new Set(['type', 'file']);
const fileDataFields: ReadonlySet<string> = new Set(['file_data', 'filename']);
const urlField: ReadonlySet<string> = new Set(['url']);
const dataFields: ReadonlySet<string> = new Set(['data', 'format']);

/**
 * A data URL is cut at its comma and its tail never looked at: of a long one only the head may be here,
 * with a marker for the rest.
 */
const parseImage = (raw: JsonObject): ContentPart => {
  const kept = keepUnknown(raw, imageFields);
  const object = asObject(raw.image_url);
  const url = asString(object?.url) ?? asString(raw.image_url) ?? '';
  if (object !== undefined && Object.keys(object).length > 1) {
    kept.unknown.image_url = keepUnknown(object, urlField).unknown;
    kept.sent.image_url = object;
  }
  const comma = url.startsWith('data:') ? url.indexOf(',') : -1;
  const head = comma < 0 ? '' : url.slice('data:'.length, comma);
  const isBase64 = head.endsWith(';base64');
  const mediaType = head.slice(0, -';base64'.length);
  const isPlain = isBase64 && mediaType !== '' && !mediaType.includes(';');
  if (object === undefined || (isBase64 && !isPlain)) kept.sent.image_url = raw.image_url;
  const ext = extensionOf('openai-chat', kept);
  if (!isBase64) return { type: 'image-url', url, ext };
  return { type: 'image', data: url.slice(comma + 1), mediaType: isPlain ? mediaType : undefined, ext };
};

/** A file that lies elsewhere, or a text as base64, is for its own dialect alone. */
const parseFile = (raw: JsonObject): ContentPart => {
  const file = asObject(raw.file);
  const parts = /^data:([^;,]+);base64,/.exec(asString(file?.file_data) ?? '');
  const mediaType = parts?.[1];
  if (file === undefined || mediaType === undefined || mediaType.startsWith('text/')) {
    return { type: 'other', protocol: 'openai-chat', raw };
  }
  const kept = keepUnknown(raw, fileFields);
  if (Object.keys(file).some((field) => !fileDataFields.has(field)) || typeof file.filename !== 'string') {
    kept.sent.file = file;
  }
  return {
    type: 'document',
    data: asString(file.file_data)?.slice(parts?.[0].length) ?? '',
    mediaType,
    name: asString(file.filename),
    ext: extensionOf('openai-chat', kept),
  };
};

const parseAudio = (raw: JsonObject): ContentPart => {
  const kept = keepUnknown(raw, audioFields);
  const audio = asObject(raw.input_audio) ?? {};
  const format = asString(audio.format);
  if (Object.keys(audio).length !== 2 || format === undefined) {
    kept.unknown.input_audio = keepUnknown(audio, dataFields).unknown;
    kept.sent.input_audio = audio;
  }
  return {
    type: 'audio',
    data: asString(audio.data) ?? '',
    format: format ?? '',
    ext: extensionOf('openai-chat', kept),
  };
};
