/**
 * Tools that take plain text instead of JSON. Other dialects have none, so such a tool is offered to an engine as a
 * function with one string, and its calls are turned back. May import spec and wire.
 */

import type { ChatRequest, ToolSpec } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type JsonObject } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { keptOf } from '../extension.ts';

const none: ReadonlySet<string> = new Set();

/** The function that stands for a custom tool; a grammar is described, since nothing enforces it. */
export const customTool = (tool: JsonObject, name: string): ToolSpec => {
  const definition = asString(asObject(tool.format)?.definition);
  const grammar = definition === undefined ? '' : ` It must follow this grammar:\n${definition}`;
  return {
    name,
    description: asString(tool.description),
    parameters: {
      type: 'object',
      properties: {
        input: { type: 'string', description: `The whole input of the tool as text.${grammar}` },
      },
      required: ['input'],
      additionalProperties: false,
    },
  };
};

/** The names of a request's custom tools. */
export const customToolsOf = (request: ChatRequest): ReadonlySet<string> => {
  const tools = asArray(keptOf(request.ext, 'openai-responses').sent.tools);
  const custom = tools?.filter((tool) => asObject(tool)?.type === 'custom') ?? [];
  return custom.length === 0 ? none : new Set(custom.map((tool) => asString(asObject(tool)?.name) ?? ''));
};

/** The text inside the arguments; an engine that ignored the schema meant all of it. */
export const customInput = (argumentsText: string): string =>
  asString(asObject(tryParseJson(argumentsText))?.input) ?? argumentsText;

/** The other way round, for a call of an earlier turn. */
export const customArguments = (input: string): string => JSON.stringify({ input });
