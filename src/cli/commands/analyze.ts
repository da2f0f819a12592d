/** `pointsman analyze`: what a prompt asks for, how hard it is and why, and which model would be chosen for it. */

import { type AnalyzedPage, analyzedText } from '../../gateway/analyzed.ts';
import type { ChosenModel } from '../../spec/decision.ts';
import { CommandFailure } from '../exit.ts';
import type { InstanceOptions } from '../instance.ts';
import { callRunning } from '../running-instance.ts';
import type { Runtime } from '../runtime.ts';
import { plainText } from '../words.ts';

export interface AnalyzeOptions extends InstanceOptions {
  readonly json?: boolean;
  readonly model?: string;
}

const percent = (value: number): string => `${Math.round(100 * value)} %`;

const placeText = (chosen: ChosenModel | undefined): string =>
  chosen === undefined
    ? 'none'
    : `${plainText(chosen.model)} on ${chosen.backend}${chosen.tier === '' ? '' : ` (${chosen.tier})`}`;

const choiceLines = ({ choice }: AnalyzedPage): readonly string[] => {
  if (choice === undefined) return ['choice       none: nothing that could serve it is known'];
  const { why, chosen, runnerUp, rejected } = choice;
  return [
    `choice       ${placeText(chosen)}`,
    `runner-up    ${placeText(runnerUp)}`,
    `why          ${why}`,
    ...rejected.map(
      ({ backend, upstream, reason }) =>
        `not          ${upstream === undefined ? '' : `${plainText(upstream)} on `}${backend}: ${reason}`,
    ),
  ];
};

const pageText = (page: AnalyzedPage): string => {
  const { analysis, words } = page;
  const { task, complexity, language, domain, input, output, structured, tools } = analysis;
  const sure = ({ confidence }: { readonly confidence: number }): string => `(${percent(confidence)} sure)`;
  const moved = words.map(
    ({ word, moves }) => `${plainText(word)} ${moves > 0 ? '+' : ''}${moves.toFixed(2)}`,
  );
  return `${[
    `task         ${task.value} ${sure(task)}`,
    `complexity   ${complexity.value.toFixed(2)} ${sure(complexity)}`,
    `moved by     ${moved.length === 0 ? 'no single word' : moved.join(', ')}`,
    `language     ${language.value} ${sure(language)}`,
    `domain       ${domain.value} ${sure(domain)}`,
    `goes in      ${input.value.join(' and ')}, about ${analysis.inputTokens.value} tokens`,
    `comes out    ${output.value}, about ${analysis.outputTokens.value} tokens${structured.value === 'none' ? '' : `, as ${structured.value}`}${tools.value ? ', may call tools' : ''}`,
    ...choiceLines(page),
  ].join('\n')}\n`;
};

const nobodyAnswers = /^no Pointsman answers/;

/** Prints the page; without an instance that runs, what the prompt says by itself. */
export const analyze = async (prompt: string, options: AnalyzeOptions, runtime: Runtime): Promise<void> => {
  const body = { model: options.model ?? 'auto', messages: [{ role: 'user', content: prompt }] };
  let page: AnalyzedPage;
  try {
    const call = { method: 'POST', path: '/api/v1/analyze', body } as const;
    page = await callRunning<AnalyzedPage>(call, options, runtime);
  } catch (error) {
    const isAlone = error instanceof CommandFailure && nobodyAnswers.test(error.message);
    if (!isAlone || options.url !== undefined) throw error;
    runtime.err('no Pointsman runs, so nothing is chosen\n');
    page = analyzedText(prompt);
  }
  runtime.out(options.json === true ? `${JSON.stringify(page, null, 2)}\n` : pageText(page));
};
