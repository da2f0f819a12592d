/**
 * Prints how well the complexity scorer does on prompts it had not seen: `npm run auto:eval -- FOLDER [--samples N]`.
 * The folder is that of `scripts/train-complexity.ts`; nothing of it is kept. Every figure comes from a model that was
 * fitted without the rows it is judged by, and without any row that asks the same in other letters.
 */

import process from 'node:process';
import { parseArgs } from 'node:util';
import { complexityOf } from '../src/core/complexity/complexity.ts';
import { keywordShare } from '../src/core/complexity/keyword-rule.ts';
import { complexityModel } from '../src/core/complexity/model.ts';
import { calibrationLines } from './complexity/calibration.ts';
import { corpusOf } from './complexity/fit.ts';
import { lengthScores, type Measured, measure, type Scores, scoreSplits } from './complexity/measure.ts';
import { paddingLines } from './complexity/padding.ts';
import { foldSplits, type Row, readRows, sourceSplits, subSplits } from './complexity/routing-data.ts';
import { timingLines } from './complexity/timing.ts';
import { train } from './train-complexity.ts';

const number = (value: number): string => value.toFixed(3);

const line = (
  name: string,
  { apgr, interval, cpt50, cpt80, prompts }: Measured,
  length?: Measured,
): string => {
  const beside =
    length === undefined
      ? ''
      : `  ${number(length.apgr)}  ${apgr > length.apgr ? 'above' : apgr >= length.interval[0] ? 'within' : 'BELOW'}`;
  const figures = `${number(apgr)}  [${number(interval[0])}, ${number(interval[1])}]  ${number(cpt50)}  ${number(cpt80)}`;
  return `${name.padEnd(34)}${String(prompts).padStart(6)}  ${figures}${beside}\n`;
};

const heading = `${''.padEnd(34)}  rows  APGR   interval         CPT50  CPT80  length\n`;

const bySource = (
  rows: readonly Row[],
  scores: Scores,
  samples: number,
  write: (text: string) => void,
): void => {
  const lengths = lengthScores(rows);
  let macro = 0;
  const sources = [...new Set(rows.map(({ source }) => source))];
  for (const source of sources) {
    const isMeant = (row: Row): boolean => row.source === source;
    const own = measure(rows, scores, isMeant, samples);
    macro += own.apgr / sources.length;
    write(line(`  ${source}`, own, measure(rows, lengths, isMeant, samples)));
  }
  write(`  MACRO${' '.repeat(35)}${number(macro)}\n`);
};

/** Writes all tables. */
export const evaluate = (folder: string, samples: number, write: (text: string) => void): void => {
  const rows = readRows(folder, 1);
  const corpus = corpusOf(rows);
  write(heading);
  write('cross-validated, folds by prompt\n');
  const unseen = scoreSplits(corpus, foldSplits(rows));
  bySource(rows, unseen, samples, write);
  const subsOf = (source: string): number =>
    new Set(rows.filter((row) => row.source === source).map(({ sub }) => sub)).size;
  const ofMany = [...new Set(rows.map(({ source }) => source))].filter((source) => subsOf(source) > 5);
  write('each subject or task left out\n');
  for (const source of ofMany) {
    const scores = scoreSplits(corpus, subSplits(rows, source));
    const isMeant = (row: Row): boolean => row.source === source;
    write(
      line(
        `  ${source}`,
        measure(rows, scores, isMeant, samples),
        measure(rows, lengthScores(rows), isMeant, samples),
      ),
    );
  }
  write('each source left out\n');
  bySource(rows, scoreSplits(corpus, sourceSplits(rows)), samples, write);
  write('length alone\n');
  bySource(rows, lengthScores(rows), samples, write);
  write('list of keywords\n');
  bySource(
    rows,
    Float64Array.from(rows, ({ prompt }) => keywordShare(prompt)),
    samples,
    write,
  );
  const over = rows.filter(({ prompt }) => keywordShare(prompt) >= 0.7).length;
  write(`  prompts at or above its threshold of 0.7: ${over}\n`);
  for (const text of calibrationLines(corpus)) write(`${text}\n`);
  const model = complexityModel(train(rows, 1));
  for (const text of paddingLines(rows, model)) write(`${text}\n`);
  for (const text of timingLines(rows, (prompt) => complexityOf([prompt], model).value)) write(`${text}\n`);
};

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { samples: { type: 'string', default: '200' } },
  });
  const folder = positionals[0] ?? process.env.POINTSMAN_ROUTING_DATA;
  if (folder === undefined) {
    process.stderr.write('usage: npm run auto:eval -- FOLDER [--samples N]\n');
    process.exit(2);
  }
  evaluate(folder, Number(values.samples), (text) => process.stdout.write(text));
}
