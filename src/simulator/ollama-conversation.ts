/** The conversation of an Ollama request, and how it is made to fit the context. */

import { asArray, asObject, asString, type JsonObject } from '../spec/json.ts';
import { goTypeOf, type Read, refuse } from './ollama-read.ts';
import { countTokens } from './tokens.ts';

/** What one picture costs, whatever its size. */
const imageTokens = 256;

/** What a model is given to read. */
export interface Conversation {
  /** One text per message, oldest first; the last always stays. */
  readonly turns: readonly { readonly text: string; readonly system: boolean; readonly images: number }[];
  readonly lastUserText: string;
  readonly answersTool: boolean;
}

/** The messages of a chat, each as one text. */
export const readMessages = (body: JsonObject): Read<Conversation> => {
  const turns: Conversation['turns'][number][] = [];
  let lastUserText = '';
  let role = '';
  for (const value of asArray(body.messages) ?? []) {
    const message = asObject(value) ?? {};
    const content = message.content ?? '';
    if (typeof content !== 'string') {
      const place = 'Go struct field ChatRequest.messages.content of type string';
      return refuse(400, `json: cannot unmarshal ${goTypeOf(content)} into ${place}`);
    }
    role = asString(message.role)?.toLowerCase() ?? '';
    if (role === 'user') lastUserText = content;
    const calls = message.tool_calls === undefined ? '' : JSON.stringify(message.tool_calls);
    const images = asArray(message.images)?.length ?? 0;
    turns.push({ text: `<|${role}|>${content}${calls}`, system: role === 'system', images });
  }
  return { ask: { turns, lastUserText, answersTool: role === 'tool' } };
};

/** The prompt of `/api/generate`, with its system text before it. */
export const readPrompt = (body: JsonObject): Conversation => {
  const prompt = asString(body.prompt) ?? '';
  const images = asArray(body.images)?.length ?? 0;
  const turns = [{ text: prompt + (asString(body.suffix) ?? ''), system: false, images }];
  const system = asString(body.system) ?? '';
  if (system !== '') turns.unshift({ text: system, system: true, images: 0 });
  return { turns, lastUserText: prompt, answersTool: false };
};

const tokensOf = (turn: Conversation['turns'][number]): number =>
  countTokens(turn.text) + turn.images * imageTokens;

/** Drops the oldest turns until the rest fits, which nobody is told; system turns and the last one stay. */
export const fitContext = (conversation: Conversation, contextTokens: number) => {
  const turns = [...conversation.turns];
  let promptTokens = turns.reduce((sum, turn) => sum + tokensOf(turn), 0);
  const wholeTokens = promptTokens;
  while (promptTokens > contextTokens) {
    const oldest = turns.findIndex((turn, index) => !turn.system && index < turns.length - 1);
    if (oldest < 0) break;
    const [dropped] = turns.splice(oldest, 1);
    promptTokens -= dropped === undefined ? 0 : tokensOf(dropped);
  }
  const prompt = turns.map((turn) => turn.text).join('\n');
  return { prompt, promptTokens: Math.min(promptTokens, contextTokens), wholeTokens };
};
