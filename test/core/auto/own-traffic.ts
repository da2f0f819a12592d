/** Traffic whose answers follow a rule that no weights know, for tests of what is learned from it. */

import { taskOf } from '../../../src/core/analysis/task.ts';
import type { FeedbackEntry } from '../../../src/core/auto/feedback.ts';
import {
  complexityOf,
  currentModel,
  partsOfTurns,
  readingName,
} from '../../../src/core/complexity/complexity.ts';
import { seededRandom } from '../../../src/core/random.ts';

const openings = [
  'Translate into French:',
  'Summarise in two sentences:',
  'Write a short story about',
  'Explain to a beginner',
  'Write a Python function that handles',
  'List the main points of',
  'What is known about',
  'Compare with last year:',
];
const subjects = [
  'the harbour at dawn',
  'payments on the ledger of the accounts',
  'a garden behind an old house',
  'the ledger that the bank keeps',
  'trains that arrive too late',
  'a recipe for onion soup',
  'the weather on the coast in autumn',
  'the ledger of a small shop, line by line',
  'how bees find their way home',
  'a concert in the open air that was rained off',
];
const endings = [
  '',
  ' Keep it plain.',
  ' It is for a newspaper.',
  ' My sister wants to read it, too.',
  ' Be exact.',
];

const one = (list: readonly string[], random: () => number): string =>
  list[Math.floor(random() * list.length)] ?? '';

/** Prompts of that traffic; the number in each keeps them apart. */
export const ownPrompts = (count: number, seed: number): readonly string[] => {
  const random = seededRandom(seed);
  return Array.from(
    { length: count },
    (_, index) =>
      `${one(openings, random)} ${one(subjects, random)}, number ${seed * 10_000 + index}.${one(endings, random)}`,
  );
};

/** What each tier's answer is worth on a prompt. */
export type Rule = (prompt: string) => { readonly weak: number; readonly strong: number };

/** Entries as a gateway keeps them: three in four were answered by the weak tier, and judgements are noisy. */
export const judgedTraffic = (
  prompts: readonly string[],
  rule: Rule,
  { seed, keepsPrompts }: { readonly seed: number; readonly keepsPrompts: boolean },
): readonly FeedbackEntry[] => {
  const random = seededRandom(seed);
  return prompts.map((prompt, index): FeedbackEntry => {
    const tier = random() < 0.75 ? 0 : 1;
    const { weak, strong } = rule(prompt);
    const score = Math.min(1, Math.max(0, (tier === 0 ? weak : strong) + 0.4 * (random() - 0.5)));
    return {
      atUnixMs: index,
      requestId: `request-${index}`,
      kind: 'feedback',
      score,
      group: 'auto',
      model: tier === 0 ? 'small' : 'large',
      tier,
      tiers: 2,
      task: taskOf(prompt).value,
      complexity: complexityOf([prompt]).value,
      parts: partsOfTurns([prompt]),
      weights: readingName(currentModel()),
      ...(keepsPrompts ? { prompt } : {}),
    };
  });
};
