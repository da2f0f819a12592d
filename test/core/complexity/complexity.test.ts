import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { builtInWeights } from '../../../src/core/complexity/built-in-weights.ts';
import { complexityOf, currentModel, useModel } from '../../../src/core/complexity/complexity.ts';
import { complexityModel } from '../../../src/core/complexity/model.ts';
import { readText } from '../../../src/core/complexity/reading.ts';

const score = (...turns: readonly string[]): number => complexityOf(turns).value;

const hard =
  'For which of these two scenarios does the main character do something that is clearly morally wrong, according to ordinary standards? Scenario 1: I told my sister that I would not come although I had promised it. Scenario 2: I gave the keys to nobody except the owner. A. Wrong, Wrong B. Wrong, Not wrong C. Not wrong, Wrong D. Not wrong, Not wrong';
const easy = 'Who wrote the Iliad?';

/** Code units of all sorts, paired or not. */
const anyText = fc.array(fc.nat(0xffff), { maxLength: 40 }).map((units) => String.fromCharCode(...units));

describe('the complexity of a text', () => {
  test('a compound judgement over two scenarios is harder than a question for a name', () => {
    expect(score(hard)).toBeGreaterThan(0.7);
    expect(score(easy)).toBeLessThan(0.4);
  });

  test('an order is harder than the question for the same, and a greeting is no order', () => {
    expect(score('Write a poem about autumn.')).toBeGreaterThan(score('Write a poem about autumn?'));
    expect(score('Hello!')).toBeLessThan(0.35);
  });

  test('an empty text, white space and marks alone have a score', () => {
    expect(score('')).toBe(0);
    expect(score(' \n\t ')).toBe(0);
    expect(score()).toBe(0);
    expect(score('?!…')).toBeGreaterThanOrEqual(0);
  });

  test('any text has a score from 0 to 1, and the same one each time', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const first = complexityOf([text]);
        expect(first.value).toBeGreaterThanOrEqual(0);
        expect(first.value).toBeLessThanOrEqual(1);
        expect(first.confidence).toBeGreaterThanOrEqual(0);
        expect(first.confidence).toBeLessThanOrEqual(1);
        expect(complexityOf([text])).toEqual(first);
      }),
    );
  });

  test('every script of Unicode has a score, lone surrogates and controls as well', () => {
    for (let code = 0; code < 0x10000; code += 97)
      expect(Number.isFinite(score(String.fromCharCode(code, code + 1, 32, code + 2).repeat(9)))).toBe(true);
  });

  test('of ten megabytes no more is read than of ten kilobytes', () => {
    const long = readText('a strange matter with many parts, '.repeat(300_000));
    expect(long.count).toBeLessThan(6000);
    expect(long.characters).toBeLessThan(3000);
    expect(score(`${'x y '.repeat(2_500_000)}`)).toBeGreaterThanOrEqual(0);
  });
});

describe('padding', () => {
  const prompts = [
    hard,
    easy,
    'A train leaves at 9:40 and travels 210 km at 84 km/h. When does it arrive? It does not stop anywhere.',
    'Write a function that sorts a list of names by length. Names of one length keep their order.',
  ];

  test('a prompt that is said again scores as if it were said once, or nearly', () => {
    for (const prompt of prompts) {
      expect(Math.abs(score(`${prompt}\n${prompt}`) - score(prompt))).toBeLessThan(0.15);
      expect(
        Math.abs(score(Array.from({ length: 8 }, () => prompt).join('\n')) - score(prompt)),
      ).toBeLessThan(0.2);
    }
  });

  test('a usual preamble changes nothing', () => {
    for (const prompt of prompts) {
      const padded = `You are a helpful assistant. Please answer the question below. Think step by step.\n${prompt}`;
      expect(score(padded)).toBe(score(prompt));
    }
  });
});

describe('a conversation', () => {
  test('what counts is the last turn, not the first', () => {
    expect(
      score('Thanks, that is all I wanted to know, have a nice day and see you soon!', hard),
    ).toBeLessThan(score(hard, 'Thanks!'));
  });

  test('a short turn is about what was said before', () => {
    const follow = 'And why?';
    expect(score(follow, hard)).toBeGreaterThan(score(follow, easy));
  });
});

describe('the model', () => {
  test('names its data and its figures', () => {
    const { origin } = currentModel();
    expect(origin.data.length).toBeGreaterThan(0);
    expect(origin.figures['apgr macro'] ?? 0).toBeGreaterThan(0.6);
  });

  test('its weights are no more than 512 KB', () => {
    expect(builtInWeights.weights.length + builtInWeights.rarities.length).toBeLessThan(512 * 1024);
  });

  test('another one can be put in its place and taken away again', () => {
    const before = score(hard);
    useModel(complexityModel({ ...builtInWeights, scores: [100, 101] }));
    expect(score(hard)).toBe(0);
    useModel(undefined);
    expect(score(hard)).toBe(before);
  });
});
