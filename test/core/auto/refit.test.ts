import { describe, expect, test } from 'bun:test';
import { taskOf } from '../../../src/core/analysis/task.ts';
import { areaUnder, gainCurve } from '../../../src/core/auto/quality.ts';
import { refit } from '../../../src/core/auto/refit.ts';
import { builtInWeights } from '../../../src/core/complexity/built-in-weights.ts';
import { complexityModel, type ModelFile } from '../../../src/core/complexity/model.ts';
import { rawScore } from '../../../src/core/complexity/score.ts';
import { seededRandom } from '../../../src/core/random.ts';
import { judgedTraffic, ownPrompts, type Rule } from './own-traffic.ts';

const prompts = ownPrompts(400, 1);
/** Never judged. */
const unseen = ownPrompts(300, 2);

/** The weak model translates and sums up badly; everything else it does well. */
const byTask: Rule = (prompt) =>
  /^(Translate|Summarise)/.test(prompt) ? { weak: 0.3, strong: 0.9 } : { weak: 0.85, strong: 0.9 };

/** The weak model knows nothing of ledgers. */
const byWord: Rule = (prompt) =>
  prompt.includes('ledger') ? { weak: 0.3, strong: 0.9 } : { weak: 0.85, strong: 0.9 };

const areaOf = (file: ModelFile, rule: Rule): number => {
  const model = complexityModel(file);
  const curve = gainCurve(
    unseen.map((prompt) => {
      const { weak, strong } = rule(prompt);
      return { score: rawScore(prompt, model, taskOf(prompt).value).value, gain: strong - weak, weight: 1 };
    }),
  );
  return areaUnder(curve ?? []);
};

describe('weights fitted to own traffic', () => {
  test('learn from the parts of scores alone which work the weak model does badly', () => {
    const found = refit(builtInWeights, judgedTraffic(prompts, byTask, { seed: 1, keepsPrompts: false }));
    expect(found).toMatchObject({ outcome: 'better', judged: 400, withText: 0 });
    expect(found.file?.weights).toBe(builtInWeights.weights);
    expect(areaOf(found.file ?? builtInWeights, byTask)).toBeGreaterThan(
      areaOf(builtInWeights, byTask) + 0.1,
    );
  }, 60_000);

  test('learn words where prompts were kept', () => {
    const found = refit(builtInWeights, judgedTraffic(prompts, byWord, { seed: 1, keepsPrompts: true }));
    expect(found).toMatchObject({ outcome: 'better', withText: 400 });
    expect(areaOf(found.file ?? builtInWeights, byWord)).toBeGreaterThan(
      areaOf(builtInWeights, byWord) + 0.1,
    );
  }, 60_000);

  test('are not proposed where judgements follow no rule', () => {
    const random = seededRandom(9);
    for (let seed = 1; seed <= 3; seed += 1) {
      const noise: Rule = () => ({ weak: random(), strong: random() });
      for (const keepsPrompts of [false, true]) {
        const found = refit(builtInWeights, judgedTraffic(prompts, noise, { seed, keepsPrompts }));
        expect(found.outcome).toBe('same');
        expect(found.file).toBeUndefined();
      }
    }
  }, 60_000);

  test('send three in ten of own requests on from 0.7', () => {
    const { file } = refit(builtInWeights, judgedTraffic(prompts, byWord, { seed: 1, keepsPrompts: true }));
    const model = complexityModel(file);
    const cut = model.scores[70] ?? 0;
    const above = unseen.filter((prompt) => rawScore(prompt, model, taskOf(prompt).value).value >= cut);
    expect(Math.abs(above.length / unseen.length - 0.3)).toBeLessThan(0.07);
  }, 60_000);

  test('need a hundred judgements that can be read by the weights in force', () => {
    const few = judgedTraffic(prompts.slice(0, 99), byTask, { seed: 1, keepsPrompts: true });
    expect(refit(builtInWeights, few).outcome).toBe('little');
    const others = judgedTraffic(prompts, byTask, { seed: 1, keepsPrompts: false }).map((entry) => ({
      ...entry,
      weights: 'others',
    }));
    expect(refit(builtInWeights, others)).toMatchObject({ outcome: 'little', judged: 0 });
  });

  test('move little by few judgements', () => {
    const entries = judgedTraffic(prompts.slice(0, 120), byWord, { seed: 1, keepsPrompts: true });
    const { file } = refit(builtInWeights, entries);
    if (file === undefined) return expect(file).toBeUndefined();
    const hard =
      'A. Wrong, Wrong B. Wrong, Not wrong. Which of both is morally wrong, according to usual standards?';
    const before = rawScore(hard, complexityModel(builtInWeights)).value;
    expect(Math.abs(rawScore(hard, complexityModel(file)).value - before)).toBeLessThan(0.1);
  }, 60_000);
});
