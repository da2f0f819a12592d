/** Everything a request says of what it needs, read from it alone. Pure; imports spec and core. */

import type { Analysis, Judged, Modality, StructuredOutput, TaskType } from '../../spec/analysis.ts';
import type { Capability, Inference } from '../../spec/vocabulary.ts';
import { complexityOf, currentModel } from '../complexity/complexity.ts';
import { tokensPerImage } from '../token-estimate.ts';
import { domainOf } from './domain.ts';
import { languageOf } from './language.ts';
import { taskOf } from './task.ts';
import { tokensIn } from './token-families.ts';

/** One text a model reads, in its order. */
export interface ReadPart {
  /** `user`, `prompt`, `system`, and whatever else a dialect has. */
  readonly role: string;
  readonly text: string;
  readonly images: number;
}

/** What is known of a request before it is read. */
export interface RequestFacts {
  readonly operation: Inference;
  readonly parts: readonly ReadPart[];
  readonly needs: readonly Capability[];
  readonly structured: StructuredOutput;
  readonly maxOutputTokens: number | undefined;
  /** Of texts so long that only their ends are among the parts. */
  readonly unreadCharacters?: number;
}

/** Answer tokens that a kind of work usually takes. */
const usualTokens: Readonly<Record<TaskType, number>> = {
  code: 400,
  mathematics: 300,
  reasoning: 350,
  analysis: 600,
  creative: 450,
  extraction: 150,
  summarising: 180,
  translation: 60,
  chat: 120,
  vision: 180,
  speech: 200,
  embedding: 0,
};

/** Turns of the caller that are looked at, and how much of each; the scorer cuts for itself. */
const mostTurns = 3;
const mostCharacters = 20_000;

const ends = (text: string): string =>
  text.length <= mostCharacters
    ? text
    : `${text.slice(0, mostCharacters / 2)}\n${text.slice(-mostCharacters / 2)}`;

/** The caller's last turns, newest first; parts of one message are one turn. */
export const turnsOf = (parts: readonly ReadPart[]): readonly string[] => {
  const turns: string[] = [];
  let isOpen = false;
  for (let index = parts.length - 1; index >= 0; index -= 1) {
    const part = parts[index];
    const isOwn = part?.role === 'user' || part?.role === 'prompt';
    if (part === undefined || !isOwn) {
      isOpen = false;
      continue;
    }
    const text = ends(part.text);
    if (isOpen) turns[turns.length - 1] = `${text}\n${turns.at(-1) ?? ''}`;
    else if (turns.length === mostTurns) break;
    else turns.push(text);
    isOpen = true;
  }
  return turns;
};

/** What the caller said last. */
export const lastTurn = (parts: readonly ReadPart[]): string => turnsOf(parts)[0] ?? '';

/** A last turn so short is read with the one before: `and now in French`. */
const shortTurn = 40;

const taskText = ([last = '', before = '']: readonly string[]): string =>
  last.length < shortTurn && before !== '' ? `${last}\n${before}` : last;

/** Words hold against a picture where they plainly ask for other work on it. */
const plainWords = 0.6;

const taskIn = (text: string, { operation, needs }: RequestFacts): Judged<TaskType> => {
  if (operation === 'embed') return { value: 'embedding', confidence: 1 };
  const byWords = taskOf(text);
  const other =
    byWords.confidence >= plainWords && ['code', 'mathematics', 'translation'].includes(byWords.value);
  if (needs.includes('vision') && !other) return { value: 'vision', confidence: 0.9 };
  if (needs.includes('audio') && !other) return { value: 'speech', confidence: 0.9 };
  return byWords;
};

const modalitiesIn = ({ needs }: RequestFacts): readonly Modality[] => [
  'text',
  ...(needs.includes('vision') ? (['image'] as const) : []),
  ...(needs.includes('audio') ? (['audio'] as const) : []),
];

const outputOf = ({ operation }: RequestFacts, task: Judged<TaskType>, text: string): Judged<Modality> => {
  if (operation === 'embed') return { value: 'vector', confidence: 1 };
  const aloud =
    task.value === 'speech' && /aloud|out loud|vor\b|voix haute|voz alta|вслух|озвуч|朗读|合成/i.test(text);
  return { value: 'text', confidence: aloud ? 0.5 : 0.95 };
};

/** Of a text in the Latin alphabet. */
const charactersPerToken = 4;

const inputTokens = ({ parts, unreadCharacters = 0 }: RequestFacts): number => {
  let tokens = unreadCharacters / charactersPerToken;
  for (const { text, images } of parts) tokens += tokensIn(text, 'any') + images * tokensPerImage;
  return Math.max(1, Math.round(tokens));
};

const outputTokens = (
  task: Judged<TaskType>,
  tokensIn: number,
  { maxOutputTokens }: RequestFacts,
): Judged<number> => {
  const usual = task.value === 'translation' ? Math.max(20, 1.1 * tokensIn) : usualTokens[task.value];
  const cut = maxOutputTokens !== undefined && maxOutputTokens < usual;
  return { value: Math.round(cut ? maxOutputTokens : usual), confidence: cut ? 0.7 : 0.4 };
};

/** A wish for a form of the answer stands near the end. */
const wishCharacters = 600;
const asked = /\bjson\b|as a table|csv|yaml|xml\b/i;

/** Reads a request; never throws, whatever stands in it. */
export const analyse = (facts: RequestFacts): Analysis => {
  const { parts, needs, structured } = facts;
  const turns = turnsOf(parts);
  const text = taskText(turns);
  const task = taskIn(text, facts);
  const tokensIn = inputTokens(facts);
  const isWished = structured === 'none' && asked.test(text.slice(-wishCharacters));
  return {
    task,
    complexity: complexityOf(turns, currentModel(), task.value),
    language: languageOf(text),
    input: { value: modalitiesIn(facts), confidence: 1 },
    output: outputOf(facts, task, text),
    structured: isWished ? { value: 'json', confidence: 0.5 } : { value: structured, confidence: 1 },
    tools: { value: needs.includes('tools'), confidence: 1 },
    inputTokens: { value: tokensIn, confidence: 0.8 },
    outputTokens: outputTokens(task, tokensIn, facts),
    domain: domainOf(text, task),
    needs,
  };
};
