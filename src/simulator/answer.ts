/** What a simulated model answers: decided whole before the first token, so that it depends on nothing but the request. */

import type { Json } from '../spec/json.ts';
import type { Random } from '../spec/ports.ts';
import { generateText } from './generated-text.ts';
import { sampleJson } from './json-sample.ts';
import type { Answer, Piece } from './piece.ts';
import { createSeededRandom, hashText } from './seeded-random.ts';
import { splitTokens } from './tokens.ts';
import { chooseCalls, type ToolAsk } from './tool-calls.ts';

/** `none` for no reasoning; the levels only change its length. */
export type ThinkingEffort = 'none' | 'low' | 'medium' | 'high';

/** Everything an answer depends on. */
export interface AnswerAsk {
  readonly seed: number;
  /** Who answers, put at the start so that a reader sees which host it was. */
  readonly signature: string;
  readonly prompt: string;
  readonly tools: ToolAsk;
  readonly thinking: ThinkingEffort;
  /** `schema` absent: any JSON. */
  readonly format: { readonly schema?: Json } | undefined;
  readonly stop: readonly string[];
  readonly maxTokens: number;
}

const thinkingWords: Readonly<Record<ThinkingEffort, number>> = { none: 0, low: 8, medium: 20, high: 48 };

/** A caller who names a length gets it: "in 50 words". */
const wantedWords = (text: string, random: Random): number => {
  const named = /\b(\d{1,6}) (?:words|tokens)\b/i.exec(text)?.[1];
  return named === undefined ? 20 + Math.floor(random() * 60) : Number(named);
};

const cutAtStop = (text: string, stop: readonly string[]): string => {
  let end = text.length;
  for (const mark of stop) {
    const found = mark === '' ? -1 : text.indexOf(mark);
    if (found >= 0) end = Math.min(end, found);
  }
  return text.slice(0, end);
};

const contentOf = (ask: AnswerAsk, random: Random): string => {
  if (ask.format !== undefined) return JSON.stringify(sampleJson(ask.format.schema, random));
  return generateText(ask.signature, wantedWords(ask.tools.lastUserText, random), random);
};

/** Reasoning, then either tool calls or text, cut by stop strings and by the token limit. */
export const composeAnswer = (ask: AnswerAsk): Answer => {
  const random = createSeededRandom(hashText(ask.prompt, ask.seed));
  const pieces: Piece[] = [];
  if (ask.thinking !== 'none') {
    const thought = generateText('Let me think:', thinkingWords[ask.thinking], random);
    for (const text of splitTokens(thought)) pieces.push({ kind: 'thinking', text });
  }
  const calls = chooseCalls(ask.tools, random);
  for (const [call, { arguments: text }] of calls.entries()) {
    for (const part of splitTokens(text)) pieces.push({ kind: 'call', text: part, call });
  }
  if (calls.length === 0) {
    for (const text of splitTokens(cutAtStop(contentOf(ask, random), ask.stop))) {
      pieces.push({ kind: 'content', text });
    }
  }
  if (pieces.length > ask.maxTokens) {
    const kept = pieces.slice(0, ask.maxTokens);
    // A call that was not written to its end is no call.
    const whole = calls.filter(
      (_, call) => !pieces.slice(ask.maxTokens).some((piece) => piece.call === call),
    );
    return { pieces: kept, calls: whole, reason: 'length' };
  }
  return { pieces, calls, reason: calls.length > 0 ? 'tool-calls' : 'stop' };
};
