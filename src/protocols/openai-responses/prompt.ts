/** The texts of a body in the order an engine reads them. May import spec. */

import { asArray, asObject, asString, type JsonObject } from '../../spec/json.ts';
import type { PromptPart } from '../protocol.ts';
import { itemsOf, typeOfItem } from './items.ts';

const add = (parts: PromptPart[], role: string, text: string, images = 0): void => {
  if (text !== '' || images > 0) parts.push({ role, text, images });
};

const addContent = (parts: PromptPart[], role: string, content: JsonObject[string]): void => {
  add(parts, role, asString(content) ?? '');
  for (const entry of asArray(content) ?? []) {
    const text = asString(asObject(entry)?.text);
    add(parts, role, text ?? '', text === undefined ? 1 : 0);
  }
};

/** All that is read before the answer begins; tools come first, as templates put them. */
export const prompt = (body: JsonObject): readonly PromptPart[] => {
  const parts: PromptPart[] = [];
  if (asArray(body.tools)?.length) add(parts, 'tools', JSON.stringify(body.tools));
  add(parts, 'system', asString(body.instructions) ?? '');
  for (const item of itemsOf(body.input)) {
    switch (typeOfItem(item)) {
      case 'message':
        addContent(parts, asString(item.role) ?? 'user', item.content);
        break;
      case 'function_call':
      case 'custom_tool_call':
        add(
          parts,
          'assistant',
          `${asString(item.name)}${asString(item.arguments) ?? asString(item.input) ?? ''}`,
        );
        break;
      case 'function_call_output':
      case 'custom_tool_call_output':
        addContent(parts, 'tool', item.output);
        break;
      default:
    }
  }
  return parts;
};
