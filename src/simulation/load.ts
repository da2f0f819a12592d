/** A load drawn beforehand, so that every policy meets the same callers with the same wishes. Pure; chance is a seed. */

import type { LoadClass, LoadFile } from '../config/simulation-files.ts';
import { createSeededRandom } from '../simulator/seeded-random.ts';
import type { Random } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { drawCount, drawGap, drawName, drawQuantity } from './quantity.ts';

/** One question and what its asker will do. */
export interface DrawnTurn {
  readonly promptTokens: number;
  readonly answerTokens: number;
  /** After the answer before; unused for the first turn. */
  readonly thinkMs: Millis;
  /** The caller gives up this long after asking, if the answer is not complete. */
  readonly leavesAfterMs: Millis | undefined;
}

export interface DrawnConversation {
  readonly index: number;
  readonly className: string;
  readonly model: string;
  readonly startsAt: Millis;
  /** Which of the texts its class shares comes first; absent where there is none. */
  readonly systemVariant: number | undefined;
  readonly turns: readonly DrawnTurn[];
}

export interface DrawnLoad {
  readonly conversations: readonly DrawnConversation[];
  readonly requests: number;
  readonly classes: Readonly<Record<string, LoadClass>>;
  readonly durationMs: Millis;
}

const drawTurn = (drawn: LoadClass, turn: number, random: Random): DrawnTurn => {
  const leavesAfterMs = drawQuantity(drawn.leavesAfterSeconds, random) * 1000;
  const documentTokens = turn === 0 ? Math.round(drawQuantity(drawn.documentTokens, random)) : 0;
  return {
    promptTokens: documentTokens + drawCount(drawn.promptTokens, random),
    answerTokens: drawCount(drawn.answerTokens, random),
    thinkMs: drawQuantity(drawn.thinkSeconds, random) * 1000,
    leavesAfterMs: random() < drawn.leaves ? leavesAfterMs : undefined,
  };
};

const drawConversation = (
  { classes }: LoadFile,
  { index, startsAt }: { readonly index: number; readonly startsAt: Millis },
  seed: number,
): DrawnConversation => {
  // A generator of its own, so that one conversation's length moves no other.
  const random = createSeededRandom(Math.imul(seed + 1, 0x9e3779b1) ^ Math.imul(index + 1, 0x85ebca6b));
  random();
  const shares = Object.fromEntries(Object.entries(classes).map(([name, { share }]) => [name, share]));
  const className = drawName(shares, random);
  const drawn = classes[className];
  if (drawn === undefined) throw new RangeError(`no class ${className}`);
  const model = drawName(drawn.models, random);
  const variant = random();
  const turns = Array.from({ length: drawCount(drawn.turns, random) }, (_, turn) =>
    drawTurn(drawn, turn, random),
  );
  const { system } = drawn;
  const systemVariant = system === undefined ? undefined : Math.floor(variant * system.variants);
  return { index, className, model, startsAt, systemVariant, turns };
};

/** Conversations without a time, for what a load is like on average. */
export const sampleConversations = (load: LoadFile, count: number, seed: number): DrawnConversation[] =>
  Array.from({ length: count }, (_, index) => drawConversation(load, { index, startsAt: 0 }, seed));

export interface LoadOptions {
  /** Requests per second in the long run, the later turns of conversations included. */
  readonly perSecond: number;
  readonly durationMs: Millis;
  readonly seed: number;
}

/** Enough for the mean number of turns to be known within a percent or two. */
const sampleSize = 2000;

/** Draws everything that will be asked; conversations begin independently of each other (Poisson). */
export const drawLoad = (load: LoadFile, { perSecond, durationMs, seed }: LoadOptions): DrawnLoad => {
  const sample = sampleConversations(load, sampleSize, seed);
  const meanTurns = sample.reduce((sum, { turns }) => sum + turns.length, 0) / sampleSize;
  const meanGapMs = (1000 * meanTurns) / perSecond;
  const random = createSeededRandom(seed);
  const conversations: DrawnConversation[] = [];
  let requests = 0;
  for (
    let startsAt = drawGap(meanGapMs, random);
    startsAt < durationMs;
    startsAt += drawGap(meanGapMs, random)
  ) {
    const conversation = drawConversation(load, { index: conversations.length, startsAt }, seed);
    conversations.push(conversation);
    requests += conversation.turns.length;
  }
  return { conversations, requests, classes: load.classes, durationMs };
};

/** The tokens each turn of a conversation sends: everything said before, and the new question. */
export const sentTokens = (turns: readonly DrawnTurn[], systemTokens: number): number[] => {
  let before = systemTokens;
  return turns.map(({ promptTokens, answerTokens }) => {
    const sent = before + promptTokens;
    before = sent + answerTokens;
    return sent;
  });
};
