/**
 * Learns the classifier of kinds of work from `data/tasks`: `npm run tasks:train` writes it, `npm run tasks:eval`
 * prints how well it does on prompts it had not seen. The cues are learned from and never judged by.
 */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { taskOf } from '../src/core/analysis/task.ts';
import { taskFeatures, taskFeaturesOf } from '../src/core/analysis/task-features.ts';
import type { TaskModel } from '../src/core/analysis/task-model.ts';
import { ridge } from '../src/core/complexity/ridge.ts';
import { type TaskType, taskTypes } from '../src/spec/analysis.ts';

/** One prompt with what it asks for. */
export interface LabelledPrompt {
  readonly task: TaskType;
  readonly prompt: string;
  /** The file it stands in, or `cues`. */
  readonly language: string;
}

const folder = new URL('../data/tasks/', import.meta.url).pathname;
const target = new URL('../src/core/analysis/task-weights.ts', import.meta.url).pathname;

/** Each cue is a prompt of one word; what hints at several kinds of work is none. */
const singled = (lines: readonly LabelledPrompt[]): readonly LabelledPrompt[] => {
  const byWord = new Map<string, Set<TaskType>>();
  for (const { task, prompt } of lines) {
    for (const word of prompt.split(' ')) byWord.set(word, (byWord.get(word) ?? new Set()).add(task));
  }
  return [...byWord].flatMap(([prompt, [task, other]]) =>
    task === undefined || other !== undefined ? [] : [{ task, prompt, language: 'cues' }],
  );
};

/** All prompts and cues, in order of file and line. */
export const readLabelled = (): readonly LabelledPrompt[] => {
  const all = readFiles();
  const isCue = ({ language }: LabelledPrompt): boolean => language === 'cues';
  return [...all.filter((each) => !isCue(each)), ...singled(all.filter(isCue))];
};

const readFiles = (): readonly LabelledPrompt[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.txt'))
    .sort()
    .flatMap((name) =>
      readFileSync(folder + name, 'utf8')
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => {
          const at = line.indexOf(': ');
          const task = taskTypes.find((each) => each === line.slice(0, at));
          if (task === undefined) throw new Error(`${name}: no such kind of work: ${line}`);
          return { task, prompt: line.slice(at + 2).replaceAll('\\n', '\n'), language: name.slice(0, -4) };
        }),
    );

const penalty = 0.2;
const cueWeight = 0.6;
const sharpness = 8;

/** Learns one line through all places for each kind of work. */
export const fitTasks = (all: readonly LabelledPrompt[]): TaskModel => {
  const starts = new Int32Array(all.length + 1);
  const lists = all.map(({ prompt }) => {
    const { places, count } = taskFeaturesOf(prompt);
    return [...places.subarray(0, count)];
  });
  for (const [index, list] of lists.entries()) starts[index + 1] = (starts[index] ?? 0) + list.length + 1;
  const total = starts[all.length] ?? 0;
  const columns = new Int32Array(total);
  const values = new Float32Array(total);
  for (const [index, list] of lists.entries()) {
    const at = starts[index] ?? 0;
    columns.set([...list, taskFeatures], at);
    values.fill(1 / Math.sqrt(Math.max(1, list.length)), at, at + list.length);
    values[at + list.length] = 1;
  }
  const rows = { starts, columns, values, width: taskFeatures + 1 };
  const weights = Float64Array.from(all, ({ language }) => (language === 'cues' ? cueWeight : 1));
  const penalties = new Float64Array(taskFeatures + 1).fill(penalty);
  const chosen = [...all.keys()];
  const solutions = taskTypes.map((type) =>
    ridge({
      rows,
      chosen,
      weights,
      penalties,
      targets: Float64Array.from(all, ({ task }) => (task === type ? 1 : 0)),
    }),
  );
  const largest = Math.max(
    ...solutions.map((solution) =>
      solution.slice(0, taskFeatures).reduce((most, value) => Math.max(most, Math.abs(value)), 0),
    ),
  );
  const step = Number((largest / 127).toPrecision(9));
  const bytes = new Uint8Array(taskTypes.length * taskFeatures);
  for (const [kind, solution] of solutions.entries()) {
    for (let place = 0; place < taskFeatures; place += 1)
      bytes[kind * taskFeatures + place] = Math.round((solution[place] ?? 0) / step) & 255;
  }
  return {
    step,
    sharpness,
    biases: solutions.map((solution) => Number((solution[taskFeatures] ?? 0).toPrecision(6))),
    weights: Buffer.from(bytes).toString('base64'),
  };
};

export interface Judged extends LabelledPrompt {
  readonly found: TaskType;
  readonly confidence: number;
}

const folds = 5;

/** Every prompt judged by a classifier that did not see it; each fold has its share of each kind and language. */
export const crossValidated = (all: readonly LabelledPrompt[]): readonly Judged[] => {
  const cues = all.filter(({ language }) => language === 'cues');
  const prompts = all.filter(({ language }) => language !== 'cues');
  return Array.from({ length: folds }, (_, fold) => fold).flatMap((fold) => {
    const model = fitTasks([...cues, ...prompts.filter((_, index) => index % folds !== fold)]);
    return prompts
      .filter((_, index) => index % folds === fold)
      .map((prompt) => {
        const { value, confidence } = taskOf(prompt.prompt, model);
        return { ...prompt, found: value, confidence };
      });
  });
};

/** The mean over kinds of work of the harmonic mean of precision and recall. */
export const macroF1 = (judged: readonly Judged[], types: readonly TaskType[] = taskTypes): number => {
  const scores = types.map((type) => {
    const right = judged.filter(({ task, found }) => task === type && found === type).length;
    const told = judged.filter(({ found }) => found === type).length;
    const meant = judged.filter(({ task }) => task === type).length;
    return told + meant === 0 ? 0 : (2 * right) / (told + meant);
  });
  return scores.reduce((sum, score) => sum + score, 0) / scores.length;
};

const write = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

const report = (judged: readonly Judged[]): void => {
  write(`prompts ${judged.length}, macro-F1 ${macroF1(judged).toFixed(3)}`);
  for (const type of taskTypes) write(`  ${type.padEnd(14)} F1 ${macroF1(judged, [type]).toFixed(3)}`);
  for (const language of new Set(judged.map((each) => each.language))) {
    const own = judged.filter((each) => each.language === language);
    write(`  ${language.padEnd(14)} macro-F1 ${macroF1(own).toFixed(3)}`);
  }
  if (process.argv.includes('--wrong')) {
    for (const { task, found, prompt } of judged)
      if (task !== found) write(`${task} -> ${found}: ${prompt.slice(0, 90)}`);
  }
};

if (import.meta.main) {
  const all = readLabelled();
  const judged = crossValidated(all);
  report(judged);
  if (!process.argv.includes('--eval')) {
    const members = Object.entries(fitTasks(all)).map(
      ([name, value]) => `  ${name}: ${JSON.stringify(value)},\n`,
    );
    const text = `/** Generated by scripts/train-tasks.ts from data/tasks; do not edit. Cross-validated macro-F1 ${macroF1(judged).toFixed(3)}. */

import type { TaskModel } from './task-model.ts';

export const taskWeights: TaskModel = {
${members.join('')}};
`;
    writeFileSync(target, text);
  }
}
