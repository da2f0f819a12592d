/** Reads Gemini's bodies as Google's API does. */

import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import { composeAnswer, type ThinkingEffort } from './answer.ts';
import type { Refusal } from './exchange.ts';
import { camelMembers, checkBody, listed } from './gemini-check.ts';
import { demandsSignatures } from './gemini-models.ts';
import { invalidArgument } from './gemini-words.ts';
import { chatOpening, type Generation } from './generation.ts';
import type { HostCore, ListedModel } from './host-core.ts';
import type { RunnerSpec } from './placement.ts';
import { countTokens } from './tokens.ts';
import type { ToolAsk } from './tool-calls.ts';

/** A request that the API would serve. */
export interface GeminiAsk {
  readonly listed: ListedModel;
  readonly showsThoughts: boolean;
  readonly logprobs: number | undefined;
  /** Why the prompt is not answered at all. */
  readonly blocked: boolean;
  readonly generation: Generation;
}

/** What was read, or what the caller is told instead. */
export type GeminiRead = { readonly ask: GeminiAsk } | { readonly refusal: Refusal };

interface Conversation {
  readonly prompt: string;
  readonly images: number;
  readonly lastUserText: string;
  readonly answersTool: boolean;
}

const imageTokens = 258;

const textOf = (part: JsonObject): string => {
  if (typeof part.text === 'string') return part.text;
  return 'inlineData' in part ? '' : JSON.stringify(part);
};

/** The text of the system and of all turns; pictures are counted beside it. */
export const readConversation = (body: JsonObject): Conversation => {
  const { contents, systemInstruction } = camelMembers(body);
  const turns: string[] = [];
  let images = 0;
  let lastUserText = '';
  let answersTool = false;
  const read = (value: Json | undefined, fallback: string): void => {
    const content = camelMembers(value);
    const role = asString(content.role) ?? fallback;
    const parts = listed(content.parts).map(camelMembers);
    const text = parts.map(textOf).join('\n');
    images += parts.filter((part) => 'inlineData' in part).length;
    answersTool = parts.some((part) => 'functionResponse' in part);
    if (role === 'user' && !answersTool) lastUserText = text;
    turns.push(`<|${role}|>${text}`);
  };
  if (systemInstruction !== undefined) read(systemInstruction, 'system');
  for (const content of listed(contents)) read(content, 'user');
  return { prompt: turns.join('\n'), images, lastUserText, answersTool };
};

/** Tokens of a prompt as the API bills them. */
export const promptTokensOf = ({ prompt, images }: Conversation): number =>
  countTokens(prompt) + images * imageTokens;

/** Google's types are in capitals; sampling reads JSON Schema. */
const lowered = (schema: Json | undefined): Json | undefined => {
  if (Array.isArray(schema)) return schema.map((entry) => lowered(entry) ?? null);
  const object = asObject(schema);
  if (object === undefined) return schema;
  return Object.fromEntries(
    Object.entries(object).map(([name, value]) => [
      name,
      name === 'type' && typeof value === 'string' ? value.toLowerCase() : lowered(value),
    ]),
  );
};

const toolsOf = (tools: Json | undefined): readonly Json[] =>
  listed(tools).flatMap((tool) =>
    listed(camelMembers(tool).functionDeclarations).map((declared) => {
      const { name, parameters, parametersJsonSchema } = camelMembers(declared);
      return { function: { name, parameters: parametersJsonSchema ?? lowered(parameters) } };
    }),
  );

const choiceOf = (toolConfig: Json | undefined): ToolAsk['choice'] => {
  const calling = camelMembers(camelMembers(toolConfig).functionCallingConfig);
  const mode = asString(calling.mode);
  if (mode === 'NONE') return 'none';
  if (mode !== 'ANY') return 'auto';
  const [name] = listed(calling.allowedFunctionNames);
  return typeof name === 'string' ? { name } : 'required';
};

const effortOf = (model: ListedModel, thinking: JsonObject): ThinkingEffort => {
  if (!model.model.capabilities.includes('thinking')) return 'none';
  const { thinkingBudget: budget, thinkingLevel: level } = thinking;
  if (budget === 0 || level === 'MINIMAL') return 'none';
  if (level === 'LOW' || (typeof budget === 'number' && budget > 0 && budget <= 2048)) return 'low';
  return level === 'HIGH' ? 'high' : 'medium';
};

/** A prompt that asks for it is blocked, so that callers can be tried on that. */
const blockedPrompt = /\bblock this prompt\b/i;

/** What to run, or what the API answers instead. */
export const readGeminiRequest = (
  core: HostCore,
  body: JsonObject,
  listedModel: ListedModel,
  spec: RunnerSpec,
): GeminiRead => {
  const refusal = checkBody(body, demandsSignatures(listedModel.name));
  if (refusal !== undefined) return { refusal };
  const { generationConfig, tools, toolConfig } = camelMembers(body);
  const config = camelMembers(generationConfig);
  const thinking = camelMembers(config.thinkingConfig);
  const thinks = listedModel.model.capabilities.includes('thinking');
  if (config.thinkingConfig !== undefined && !thinks) {
    return { refusal: invalidArgument('Thinking is not enabled for this model') };
  }
  const conversation = readConversation(body);
  const promptTokens = promptTokensOf(conversation);
  if (promptTokens > spec.contextTokens) {
    const sizes = `The input token count (${promptTokens}) exceeds the maximum number of tokens allowed (${spec.contextTokens}).`;
    return { refusal: invalidArgument(sizes) };
  }
  const schema = config.responseJsonSchema ?? config._responseJsonSchema ?? lowered(config.responseSchema);
  const wantsJson = config.responseMimeType === 'application/json';
  const answer = composeAnswer({
    seed: core.settings.seed + (asNumber(config.seed) ?? 0),
    signature: `Simulated ${listedModel.name} on ${core.settings.name}:`,
    prompt: conversation.prompt,
    thinking: effortOf(listedModel, thinking),
    format: wantsJson ? (schema === undefined ? {} : { schema }) : undefined,
    stop: (asArray(config.stopSequences) ?? []).filter((text) => typeof text === 'string'),
    maxTokens: asNumber(config.maxOutputTokens) ?? 65_536,
    tools: {
      tools: toolsOf(tools),
      choice: choiceOf(toolConfig),
      lastUserText: conversation.lastUserText,
      answersTool: conversation.answersTool,
    },
  });
  return {
    ask: {
      listed: listedModel,
      showsThoughts: thinking.includeThoughts === true,
      logprobs: config.responseLogprobs === true ? (asNumber(config.logprobs) ?? 0) : undefined,
      blocked: blockedPrompt.test(conversation.lastUserText),
      generation: {
        spec,
        keepAliveMs: undefined,
        prompt: conversation.prompt,
        promptTokens,
        opening: chatOpening,
        answer,
      },
    },
  };
};
