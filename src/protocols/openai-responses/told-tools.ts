/**
 * Tools as this dialect alone has them: those that take plain text instead of JSON, and those inside a namespace.
 * An engine is offered plain functions in their place, and its calls are turned back. May import spec and wire.
 */

import type { ChatRequest, ToolSpec } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { tryParseJson } from '../../wire/json.ts';
import { keptOf } from '../extension.ts';

/** How a caller knows a tool. */
export interface ToldTool {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly isCustom: boolean;
}

/** The one name of a tool for everybody else. */
export const plainName = (namespace: string | undefined, name: string): string => {
  if (namespace === undefined || namespace === '') return name;
  return namespace.endsWith('__') ? namespace + name : `${namespace}__${name}`;
};

/** The function that stands for a tool of plain text; a grammar is described, since nothing enforces it. */
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

const none: ReadonlyMap<string, ToldTool> = new Map();

const tell = (value: Json, namespace: string | undefined, told: Map<string, ToldTool>): void => {
  const tool = asObject(value);
  const name = asString(tool?.name) ?? '';
  if (tool?.type === 'namespace') for (const inner of asArray(tool.tools) ?? []) tell(inner, name, told);
  else if (tool?.type === 'custom' || namespace !== undefined)
    told.set(plainName(namespace, name), { name, namespace, isCustom: tool?.type === 'custom' });
};

/** By the name everybody else has for them; plain functions are not among them. */
export const toldTools = (request: ChatRequest): ReadonlyMap<string, ToldTool> => {
  const tools = asArray(keptOf(request.ext, 'openai-responses').sent.tools);
  if (tools === undefined) return none;
  const told = new Map<string, ToldTool>();
  for (const tool of tools) tell(tool, undefined, told);
  return told;
};

/** The text inside the arguments; an engine that ignored the schema meant all of it. */
export const customInput = (argumentsText: string): string =>
  asString(asObject(tryParseJson(argumentsText))?.input) ?? argumentsText;

/** The other way round, for a call of an earlier turn. */
export const customArguments = (input: string): string => JSON.stringify({ input });
