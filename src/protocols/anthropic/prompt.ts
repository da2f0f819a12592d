/** The texts of a body of Anthropic's in the order a model reads them. Imports spec and the protocols' folder. */

import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import type { PromptPart } from '../protocol.ts';

const add = (parts: PromptPart[], role: string, text: string, images = 0): void => {
  if (text !== '' || images > 0) parts.push({ role, text, images });
};

/** Base64 is no text to read: a file in it counts as an image. */
const addBlock = (parts: PromptPart[], role: string, block: JsonObject): void => {
  switch (block.type) {
    case 'text':
      add(parts, role, asString(block.text) ?? '');
      return;
    case 'thinking':
      add(parts, role, asString(block.thinking) ?? '');
      return;
    case 'tool_use':
      add(parts, role, `${asString(block.name) ?? ''} ${JSON.stringify(block.input ?? {})}`);
      return;
    case 'tool_result':
      addContent(parts, role, block.content);
      return;
    case 'document': {
      const source = asObject(block.source);
      const text = source?.type === 'text' ? (asString(source.data) ?? '') : '';
      add(parts, role, text, text === '' ? 1 : 0);
      return;
    }
    case 'redacted_thinking':
      return;
    case 'image':
      add(parts, role, '', 1);
      return;
    default:
      add(parts, role, JSON.stringify(block));
  }
};

const addContent = (parts: PromptPart[], role: string, content: Json | undefined): void => {
  if (typeof content === 'string') add(parts, role, content);
  else for (const block of asArray(content) ?? []) addBlock(parts, role, asObject(block) ?? {});
};

/** Tools come first, then the system text, as the provider puts them. */
export const prompt = (body: JsonObject): readonly PromptPart[] => {
  const parts: PromptPart[] = [];
  if (asArray(body.tools)?.length) add(parts, 'tools', JSON.stringify(body.tools));
  addContent(parts, 'system', body.system);
  for (const value of asArray(body.messages) ?? []) {
    const message = asObject(value) ?? {};
    addContent(parts, asString(message.role) ?? 'user', message.content);
  }
  return parts;
};
