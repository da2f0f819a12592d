/** The texts of a Gemini body in the order a model reads them. May import spec. */

import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { PromptPart } from '../protocol.ts';
import { listOf, member } from './schema.ts';

const add = (parts: PromptPart[], role: string, text: string, images = 0): void => {
  if (text !== '' || images > 0) parts.push({ role, text, images });
};

/** A text, a picture, or something else that is read as its JSON. */
const addPart = (parts: PromptPart[], role: string, value: Json): void => {
  const part = asObject(value) ?? {};
  if (typeof part.text === 'string') add(parts, role, part.text);
  else if (member(part, 'inlineData', 'inline_data') !== undefined) add(parts, role, '', 1);
  else add(parts, role, JSON.stringify(part));
};

const addContents = (parts: PromptPart[], value: Json | undefined, role: string): void => {
  for (const entry of listOf(value)) {
    const content = asObject(entry);
    for (const part of listOf(content?.parts)) addPart(parts, asString(content?.role) || role, part);
  }
};

/** A question for the size of a prompt may hold the whole request, with system and tools. */
export const countedRequest = (body: JsonObject): JsonObject => {
  const inner = asObject(member(body, 'generateContentRequest', 'generate_content_request'));
  return inner === undefined ? body : { ...inner, model: body.model };
};

/** All that is read before the answer begins; tools come first, then what the system says. */
export const prompt = (asked: JsonObject): readonly PromptPart[] => {
  const body = countedRequest(asked);
  const parts: PromptPart[] = [];
  if (listOf(body.tools).length > 0) add(parts, 'tools', JSON.stringify(body.tools));
  addContents(parts, member(body, 'systemInstruction', 'system_instruction'), 'system');
  addContents(parts, body.contents, 'user');
  addContents(parts, body.content, 'prompt');
  for (const request of asArray(body.requests) ?? [])
    addContents(parts, asObject(request)?.content, 'prompt');
  return parts;
};
