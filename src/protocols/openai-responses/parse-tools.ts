/** Tool definitions of the Responses API, which are flat, to neutral ones. May import spec and wire. */

import type { ToolSpec } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type Json } from '../../spec/json.ts';
import { extensionOf } from '../extension.ts';
import { customTool, plainName } from './told-tools.ts';

/** `strict` is a word of OpenAI's chat dialect too, and kept under its name there. */
const strictly = { 'openai-chat': { function: { strict: true } } } as const;

const parseTool = (value: Json, namespace: string | undefined): ToolSpec => {
  const tool = asObject(value) ?? {};
  const name = asString(tool.name) ?? '';
  if (tool.type === 'custom') return customTool(tool, plainName(namespace, name));
  if (tool.type !== 'function' || name === '') {
    return { name: '', ext: extensionOf('openai-responses', { unknown: {}, sent: { ...tool } }) };
  }
  return {
    name: plainName(namespace, name),
    description: asString(tool.description),
    parameters: asObject(tool.parameters),
    ...(tool.strict === true ? { ext: strictly } : {}),
  };
};

/** Tools that OpenAI's servers run themselves have no name here: other dialects tell that they drop them. */
export const parseTools = (tools: readonly Json[]): readonly ToolSpec[] =>
  tools.flatMap((value) => {
    const group = asObject(value);
    if (group?.type !== 'namespace') return [parseTool(value, undefined)];
    return (asArray(group.tools) ?? []).map((tool) => parseTool(tool, asString(group.name)));
  });
