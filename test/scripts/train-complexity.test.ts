import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { foldSplits, readRows, sourceSplits } from '../../scripts/complexity/routing-data.ts';
import { moduleText, train } from '../../scripts/train-complexity.ts';

const hard = (index: number): string =>
  `Which of the statements about the remainder of ${index} is not false, and why does the other one never hold? Neither is both.`;
const easy = (index: number): string => `Name the colour of number ${index}.`;

const row = (source: string, index: number) => ({
  id: `${source}:${index}`,
  source,
  sub: `part ${index % 3}`,
  prompt: index % 2 === 0 ? hard(index) : easy(index),
  weak: index % 2 === 0 ? 0 : 1,
  strong: 1,
});

let folder = '';

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'routing-'));
  for (const source of ['first', 'second']) {
    const rows = Array.from({ length: 60 }, (_, index) => JSON.stringify(row(source, index)));
    writeFileSync(join(folder, `${source}.jsonl`), `${rows.join('\n')}\n`);
  }
});

afterAll(() => rmSync(folder, { recursive: true }));

describe('the rows of a folder', () => {
  test('a prompt that stands in two sources is one group, and never on both sides of a split', () => {
    const rows = readRows(folder, 1);
    expect(rows).toHaveLength(120);
    for (const { train: seen, test: left } of [...foldSplits(rows), ...sourceSplits(rows)]) {
      const groups = new Set(left.map((index) => rows[index]?.group));
      expect(seen.some((index) => groups.has(rows[index]?.group))).toBe(false);
    }
  });

  test('every row is left out by one fold', () => {
    const rows = readRows(folder, 1);
    const left = foldSplits(rows).flatMap(({ test: out }) => out);
    expect(left.sort((one, other) => one - other)).toEqual([...rows.keys()]);
  });
});

describe('training', () => {
  test('the same rows and seed give the same bytes, another seed other folds', () => {
    const first = moduleText(train(readRows(folder, 1), 1));
    expect(moduleText(train(readRows(folder, 1), 1))).toBe(first);
    expect(moduleText(train(readRows(folder, 2), 2))).not.toBe(first);
  }, 60_000);

  test('what is plain in the rows is learned', () => {
    const { figures, data } = train(readRows(folder, 1), 1).origin;
    expect(figures['apgr macro'] ?? 0).toBeGreaterThan(0.7);
    expect(data).toEqual(['first: 60 prompts', 'second: 60 prompts']);
  }, 60_000);
});
