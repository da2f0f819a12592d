/**
 * The texts of a request's body in the order an engine reads them. The dialects put them under the same few names,
 * and whoever counts or compares them needs no more. Imports spec and this folder.
 */

import { asArray, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { PromptPart } from './protocol.ts';

const add = (parts: PromptPart[], role: string, text: string, images = 0): void => {
  if (text !== '' || images > 0) parts.push({ role, text, images });
};

/** A message in parts: its texts in their order, everything else counted as an image. */
const addContent = (parts: PromptPart[], role: string, content: readonly Json[]): void => {
  for (const entry of content) {
    const text = asString(asObject(entry)?.text);
    add(parts, role, text ?? '', text === undefined ? 1 : 0);
  }
};

const addMessage = (parts: PromptPart[], message: JsonObject): void => {
  const role = asString(message.role) ?? 'user';
  const { content } = message;
  if (Array.isArray(content)) addContent(parts, role, content);
  else add(parts, role, asString(content) ?? '', asArray(message.images)?.length);
  if (message.tool_calls) add(parts, role, JSON.stringify(message.tool_calls));
};

/** A text, or a list of texts or of tokens, of which four characters each are as good a guess as any. */
const addTexts = (parts: PromptPart[], value: Json | undefined, images: number): void => {
  if (typeof value === 'string') add(parts, 'prompt', value, images);
  else for (const entry of asArray(value) ?? []) add(parts, 'prompt', asString(entry) ?? '    ');
};

/** All that is read before the answer begins; tools come first, as templates put them. */
export const promptParts = (body: JsonObject): readonly PromptPart[] => {
  const parts: PromptPart[] = [];
  if (asArray(body.tools)?.length) add(parts, 'tools', JSON.stringify(body.tools));
  for (const message of asArray(body.messages) ?? []) addMessage(parts, asObject(message) ?? {});
  add(parts, 'system', asString(body.system) ?? '');
  addTexts(parts, body.prompt, asArray(body.images)?.length ?? 0);
  addTexts(parts, body.input, 0);
  add(parts, 'prompt', asString(body.suffix) ?? '');
  return parts;
};
