/** Tool definitions, whose shape Ollama shares with OpenAI. May import spec. */

import type { ToolSpec } from '../spec/chat-request.ts';
import { asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { ProtocolId } from '../spec/vocabulary.ts';
import { extensionOf, keepUnknown, keptOf } from './extension.ts';

const toolFields: ReadonlySet<string> = new Set(['type', 'function']);
const functionFields: ReadonlySet<string> = new Set(['name', 'description', 'parameters']);

/** Reads one definition; a tool that is no function has no name and is kept for its own dialect alone. */
export const parseTool = (value: Json, protocol: ProtocolId): ToolSpec => {
  const tool = asObject(value) ?? {};
  const definition = asObject(tool.function);
  const name = asString(definition?.name);
  if (definition === undefined || name === undefined || name === '') {
    return { name: '', ext: extensionOf(protocol, { unknown: {}, sent: { ...tool } }) };
  }
  const kept = keepUnknown(tool, toolFields);
  const inner = keepUnknown(definition, functionFields);
  const description = asString(definition.description);
  if (tool.type !== 'function') kept.sent.type = tool.type;
  if (description === undefined && 'description' in definition)
    inner.sent.description = definition.description;
  if (Object.keys(inner.unknown).length > 0) kept.unknown.function = inner.unknown;
  if (Object.keys(inner.sent).length > 0) kept.sent.function = inner.sent;
  return { name, description, parameters: definition.parameters, ext: extensionOf(protocol, kept) };
};

/** Writes one definition; `parameters` stands in where the tool has none. */
export const renderTool = (tool: ToolSpec, protocol: ProtocolId, parameters?: JsonObject): JsonObject => {
  const { unknown, sent } = keptOf(tool.ext, protocol);
  if (tool.name === '') return sent;
  return {
    ...unknown,
    type: 'function',
    ...sent,
    function: {
      ...asObject(unknown.function),
      name: tool.name,
      ...(tool.description === undefined ? {} : { description: tool.description }),
      ...(tool.parameters === undefined ? parameters && { parameters } : { parameters: tool.parameters }),
      ...asObject(sent.function),
    },
  };
};
