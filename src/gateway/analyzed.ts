/** What is found in a request and what would be chosen for it, as it is told to whoever asks. */

import { analyse, lastTurn } from '../core/analysis/analyse.ts';
import { type MovingWord, movingWords } from '../core/complexity/moving-words.ts';
import { type DecisionRecord, decisionOf } from '../core/decision.ts';
import type { PromptPart } from '../protocols/protocol.ts';
import type { Analysis } from '../spec/analysis.ts';
import type { ChosenModel, Decision } from '../spec/decision.ts';

/** The words stand in it, so it is for the caller alone and is kept nowhere. */
export interface AnalyzedPage {
  readonly analysis: Analysis;
  readonly words: readonly MovingWord[];
  /** Absent where nothing could serve the request. */
  readonly choice?:
    | {
        readonly group?: string | undefined;
        readonly wanted?: string | undefined;
        readonly why: string;
        readonly chosen?: ChosenModel | undefined;
        readonly runnerUp?: ChosenModel | undefined;
        /** Who cannot take it, and why not. */
        readonly rejected: Decision['rounds'][number]['rejected'];
      }
    | undefined;
}

const ranked = ({ rounds }: Decision, place: number): ChosenModel | undefined => {
  const rank = rounds.at(-1)?.ranked[place];
  const candidate = rounds.at(-1)?.candidates.find(({ backend }) => backend === rank?.backend);
  return rank && candidate && { model: candidate.upstream, backend: rank.backend, tier: '' };
};

const choiceIn = (record: DecisionRecord): AnalyzedPage['choice'] => {
  const decision = decisionOf(record);
  const last = decision.rounds.at(-1);
  const { auto } = decision;
  return {
    group: auto?.group,
    wanted: auto?.wanted,
    why: last?.why ?? '',
    chosen: auto === undefined ? ranked(decision, 0) : auto.chosen,
    runnerUp: auto === undefined ? ranked(decision, 1) : auto.runnerUp,
    rejected: last?.rejected ?? [],
  };
};

/** The page for a request; `record` is absent where it could not be placed. */
export const analyzedPage = (
  analysis: Analysis,
  parts: readonly PromptPart[],
  record: DecisionRecord | undefined,
): AnalyzedPage => ({
  analysis,
  words: movingWords(lastTurn(parts), analysis.task.value),
  choice: record && choiceIn(record),
});

/** The same for a text alone, where no instance runs that could choose. */
export const analyzedText = (text: string): AnalyzedPage => {
  const parts = [{ role: 'user', text, images: 0 }];
  const analysis = analyse({
    operation: 'chat',
    parts,
    needs: [],
    structured: 'none',
    maxOutputTokens: undefined,
  });
  return analyzedPage(analysis, parts, undefined);
};
