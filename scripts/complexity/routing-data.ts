/** Reads a folder of judged prompts: `*.jsonl` with id, source, sub, prompt, weak and strong in each row. */

import { readdirSync, readFileSync } from 'node:fs';

export interface Row {
  readonly id: string;
  readonly source: string;
  /** The subject or task within the source. */
  readonly sub: string;
  readonly prompt: string;
  readonly weak: number;
  readonly strong: number;
  readonly gain: number;
  /** Rows of one number ask the same in other letters; they never part between training and test. */
  readonly group: number;
  readonly fold: number;
}

export const folds = 5;

const spread = (text: string, seed: number): number => {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash ^= hash >>> 16;
  return (Math.imul(hash, 0x85ebca6b) ^ (hash >>> 13)) >>> 0;
};

/** A prompt without its case, spaces and marks. */
export const normalised = (prompt: string): string =>
  prompt
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();

/** All rows in order of file and line; folds depend on the seed and the prompt alone. */
export const readRows = (folder: string, seed: number): readonly Row[] => {
  const groups = new Map<string, number>();
  const rows: Row[] = [];
  const files = readdirSync(folder).filter((name) => name.endsWith('.jsonl'));
  for (const file of files.sort()) {
    for (const line of readFileSync(`${folder}/${file}`, 'utf8').split('\n')) {
      if (line.trim() === '') continue;
      const { id, source, sub, prompt, weak, strong } = JSON.parse(line) as Row;
      const same = normalised(prompt);
      const group = groups.get(same) ?? groups.size;
      groups.set(same, group);
      const fold = spread(same, seed) % folds;
      rows.push({ id, source, sub, prompt, weak, strong, gain: strong - weak, group, fold });
    }
  }
  if (rows.length === 0) throw new Error(`${folder} holds no *.jsonl with rows`);
  return rows;
};

/** One fit: the rows it may see and those it is judged by. */
export interface Split {
  readonly name: string;
  readonly train: readonly number[];
  readonly test: readonly number[];
}

const leaving = (rows: readonly Row[], name: string, isLeft: (row: Row) => boolean): Split => {
  const test: number[] = [];
  const groups = new Set<number>();
  for (const [index, row] of rows.entries()) {
    if (!isLeft(row)) continue;
    test.push(index);
    groups.add(row.group);
  }
  const train = [...rows.keys()].filter((index) => !groups.has(rows[index]?.group ?? -1));
  return { name, train, test };
};

/** Folds by prompt. */
export const foldSplits = (rows: readonly Row[]): readonly Split[] =>
  Array.from({ length: folds }, (_, fold) => leaving(rows, `fold ${fold}`, (row) => row.fold === fold));

const named = (rows: readonly Row[], key: (row: Row) => string | undefined): readonly string[] =>
  [...new Set(rows.map(key))].filter((name) => name !== undefined);

/** Each subject of a source left out once. */
export const subSplits = (rows: readonly Row[], source: string): readonly Split[] =>
  named(rows, (row) => (row.source === source ? row.sub : undefined)).map((sub) =>
    leaving(rows, sub, (row) => row.source === source && row.sub === sub),
  );

/** Each source left out once. */
export const sourceSplits = (rows: readonly Row[]): readonly Split[] =>
  named(rows, (row) => row.source).map((source) => leaving(rows, source, (row) => row.source === source));
