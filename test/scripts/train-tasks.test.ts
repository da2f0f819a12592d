import { describe, expect, test } from 'bun:test';
import { crossValidated, fitTasks, macroF1, readLabelled } from '../../scripts/train-tasks.ts';
import { taskWeights } from '../../src/core/analysis/task-weights.ts';
import { taskTypes } from '../../src/spec/analysis.ts';

const all = readLabelled();
const prompts = all.filter(({ language }) => language !== 'cues');

describe('the labelled prompts', () => {
  test('are at least 600 in six languages, with every kind of work in each', () => {
    expect(prompts.length).toBeGreaterThanOrEqual(600);
    const languages = [...new Set(prompts.map(({ language }) => language))];
    expect(languages).toHaveLength(6);
    for (const language of languages) {
      for (const type of taskTypes)
        expect(
          prompts.filter((each) => each.language === language && each.task === type).length,
        ).toBeGreaterThan(6);
    }
  });

  test('no prompt stands there twice', () => {
    expect(new Set(prompts.map(({ prompt }) => prompt)).size).toBe(prompts.length);
  });
});

describe('the classifier of kinds of work', () => {
  test('tells them apart on prompts it had not seen: macro-F1 of at least 0.75', () => {
    const judged = crossValidated(all);
    expect(macroF1(judged)).toBeGreaterThanOrEqual(0.75);
  });

  test('what is built in is what is learned from the prompts as they stand', () => {
    expect(fitTasks(all)).toEqual(taskWeights);
  });
});
