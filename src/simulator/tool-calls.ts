/** When a simulated model calls tools, and with what. */

import { asObject, asString, type Json } from '../spec/json.ts';
import type { Random } from '../spec/ports.ts';
import { sampleJson } from './json-sample.ts';
import type { Call } from './piece.ts';

/** What decides whether tools are called. */
export interface ToolAsk {
  /** The request's `tools`, in OpenAI's shape, which Ollama shares. */
  readonly tools: readonly Json[];
  readonly choice: 'auto' | 'none' | 'required' | { readonly name: string };
  readonly lastUserText: string;
  /** The last message is a tool's result, so it is time to answer. */
  readonly answersTool: boolean;
}

interface Tool {
  readonly name: string;
  readonly parameters: Json | undefined;
}

const readTools = (tools: readonly Json[]): readonly Tool[] =>
  tools.flatMap((tool) => {
    const declared = asObject(asObject(tool)?.function);
    const name = asString(declared?.name);
    return name === undefined ? [] : [{ name, parameters: declared?.parameters }];
  });

const identifier = (random: Random): string => {
  let id = 'call_';
  for (let digit = 0; digit < 8; digit++) id += Math.floor(random() * 36).toString(36);
  return id;
};

/** The tools that the text names, or the first when it only says "tool"; none when nothing points at one. */
const chosenTools = (ask: ToolAsk, tools: readonly Tool[]): readonly Tool[] => {
  const { choice } = ask;
  if (choice === 'none' || (ask.answersTool && choice === 'auto')) return [];
  if (typeof choice === 'object') return tools.filter((tool) => tool.name === choice.name);
  const text = ask.lastUserText.toLowerCase();
  const named = tools.filter((tool) => text.includes(tool.name.toLowerCase()));
  const wanted = named.length > 0 ? named : tools;
  if (named.length === 0 && choice === 'auto' && !/\btools?\b/.test(text)) return [];
  if (!text.includes('parallel')) return wanted.slice(0, 1);
  return wanted.length > 1 ? wanted : [...wanted, ...wanted];
};

/** The calls a model makes, in order; empty when it answers in words. */
export const chooseCalls = (ask: ToolAsk, random: Random): readonly Call[] =>
  chosenTools(ask, readTools(ask.tools)).map((tool) => {
    const value = sampleJson(tool.parameters ?? { type: 'object' }, random);
    return { id: identifier(random), name: tool.name, value, arguments: JSON.stringify(value) };
  });
