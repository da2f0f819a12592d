import { describe, expect, test } from 'bun:test';
import { readdirSync, readFileSync } from 'node:fs';
import { getEncoding } from 'js-tiktoken';
import llamaTokenizer from 'llama-tokenizer-js';
import llama3Tokenizer from 'llama3-tokenizer-js';
import {
  correctedTokens,
  correctionAfter,
  uncorrected,
} from '../../../src/core/analysis/token-correction.ts';
import type { TokenFamily } from '../../../src/core/analysis/token-counts.ts';
import { tokensIn } from '../../../src/core/analysis/token-families.ts';

const file = (path: string): string => readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8');

const pieces = (text: string, characters: number, most: number): readonly string[] =>
  Array.from({ length: Math.min(most, Math.floor(text.length / characters)) }, (_, index) =>
    text.slice(index * characters, (index + 1) * characters),
  );

/** Prompts in six languages, pages, code and data. */
const texts: readonly string[] = [
  ...readdirSync(new URL('../../../data/tasks', import.meta.url))
    .filter((name) => name !== 'cues.txt')
    .flatMap((name) => {
      const lines = file(`data/tasks/${name}`).split('\n');
      return lines.map((line) => line.slice(line.indexOf(': ') + 2)).filter((line) => line.length > 12);
    }),
  ...['docs/security.md', 'docs/simulation.md', 'README.md'].flatMap((path) => pieces(file(path), 900, 8)),
  ...['src/core/pins.ts', 'src/gateway/relay.ts', 'src/wire/splice.ts'].flatMap((path) =>
    pieces(file(path), 900, 6),
  ),
  ...pieces(file('package-lock.json'), 700, 6),
];

const newer = getEncoding('o200k_base');
const older = getEncoding('cl100k_base');

const truths: readonly (readonly [family: TokenFamily, count: (text: string) => number])[] = [
  ['gpt-4o', (text) => newer.encode(text, 'all').length],
  ['gpt-4', (text) => older.encode(text, 'all').length],
  ['llama-2', (text) => llamaTokenizer.encode(text, false, true).length],
  ['llama-3', (text) => llama3Tokenizer.encode(text, { bos: false, eos: false }).length],
];

const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

const errorOf = (estimated: number, real: number): number => Math.abs(estimated - real) / real;

/** The same order at every run, and no order of files. */
const mixed = (all: readonly string[]): readonly string[] => {
  let state = 7;
  return all
    .map((text) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return { text, at: state };
    })
    .sort((left, right) => left.at - right.at)
    .map(({ text }) => text);
};

describe('tokens without a tokenizer', () => {
  for (const [family, count] of truths) {
    test(`of ${family} are within 15 % on average, before anything was seen`, () => {
      expect(texts.length).toBeGreaterThan(600);
      expect(mean(texts.map((text) => errorOf(tokensIn(text, family), count(text))))).toBeLessThan(0.15);
    });

    test(`of a model of ${family} with a template are within 10 % after fifty requests`, () => {
      const template = 17;
      let correction = uncorrected;
      const errors: number[] = [];
      for (const [index, text] of mixed(texts).slice(0, 350).entries()) {
        const estimated = tokensIn(text, family);
        const real = count(text) + template;
        if (index >= 50) errors.push(errorOf(correctedTokens(correction, estimated), real));
        correction = correctionAfter(correction, estimated, real);
      }
      expect(mean(errors)).toBeLessThan(0.1);
    });

    test(`of ${family} are learned from its engine where the name of a model tells nothing`, () => {
      let correction = uncorrected;
      const errors: number[] = [];
      for (const [index, text] of mixed(texts).slice(0, 350).entries()) {
        const estimated = tokensIn(text, 'any');
        const real = count(text) + 9;
        if (index >= 50) errors.push(errorOf(correctedTokens(correction, estimated), real));
        correction = correctionAfter(correction, estimated, real);
      }
      expect(mean(errors)).toBeLessThan(0.2);
    });
  }
});
