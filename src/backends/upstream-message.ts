/** An engine's error body as one text, whatever the engine wrapped it in. Imports spec and wire. */

import { asArray, asObject, asString, type Json } from '../spec/json.ts';
import { tryParseJson } from '../wire/json.ts';
import { decodeUtf8 } from '../wire/utf8.ts';

/** Ollama appends up to 8 KiB of its runner's log, and the telling line is in there. */
const maxCharacters = 8 * 1024;

/** What is read at all: a whole body in JSON needs its end. */
const maxBytes = 256 * 1024;

/** Ollama puts llama-server's whole body into its `error` string, and proxies wrap again. */
const maxLayers = 16;

const fromText = (text: string, layers: number): string => {
  const trimmed = text.trim();
  if (layers <= 0 || !/^[{["]/.test(trimmed)) return trimmed;
  const whole = tryParseJson(trimmed);
  if (whole !== undefined) return fromJson(whole, layers - 1) || trimmed;
  // A body of JSON with a line of the runner's log behind it.
  const end = trimmed.indexOf('\n');
  const first = end < 0 ? undefined : tryParseJson(trimmed.slice(0, end));
  const said = first === undefined ? '' : fromJson(first, layers - 1);
  return said === '' ? trimmed : `${said}${trimmed.slice(end)}`;
};

/** The fields that hold the sentence, then those that at least name the fault. */
const fields = ['error', 'message', 'detail', 'msg', 'error_description', 'type', 'code', 'status'] as const;

const fromJson = (value: Json, layers: number): string => {
  const text = asString(value);
  if (text !== undefined) return fromText(text, layers);
  if (layers <= 0) return '';
  const items = asArray(value);
  if (items !== undefined) {
    for (const item of items) {
      const said = fromJson(item, layers - 1);
      if (said !== '') return said;
    }
    return '';
  }
  const object = asObject(value);
  for (const field of object === undefined ? [] : fields) {
    const said = fromJson(object?.[field] ?? null, layers - 1);
    if (said !== '') return said;
  }
  return '';
};

/** A proxy's error page: its status line is all that says anything. */
const fromHtml = (text: string): string =>
  /<(?:title|h1)[^>]*>\s*(\d{3}\b[^<]{0,80})/i.exec(text)?.[1]?.trim() ?? '';

/**
 * Unwraps Ollama's `{"error":"…"}`, OpenAI's `{"error":{"message":"…"}}`, flat messages, arrays, JSON inside a
 * string, plain text and HTML; empty where nothing is said. The text is the engine's own: not yet safe to show.
 */
export const upstreamMessage = (bytes: Uint8Array): string => {
  const text = decodeUtf8(bytes.length > maxBytes ? bytes.subarray(0, maxBytes) : bytes).trim();
  const message = text.startsWith('<') ? fromHtml(text) : fromText(text, maxLayers);
  return message.slice(0, maxCharacters).trim();
};
