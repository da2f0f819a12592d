/** `pointsman auto`: scores prompts of a file, judges a scoring, and fits a threshold to one's own traffic. */

import { ownWeights, useWeights } from '../../gateway/complexity-weights.ts';
import {
  areaUnder,
  entriesIn,
  gainCurve,
  type JudgedPrompt,
  scorePrompt,
  shareFor,
  type Tuned,
  tune,
  weightsOrigin,
} from '../../gateway/scoring.ts';
import { curveSvg, curveText } from '../curve-text.ts';
import { CommandFailure, type ExitCode } from '../exit.ts';
import { loadConfig } from '../load-config.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';

export interface ScoreOptions {
  readonly weights?: string;
}

export interface EvalOptions extends ScoreOptions {
  readonly json?: boolean;
  readonly svg?: string;
}

export interface TuneOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly group?: string;
  readonly write?: string;
  readonly weights?: string;
  readonly svg?: string;
}

const readFile = async (path: string, runtime: Runtime): Promise<string> => {
  try {
    return await runtime.readTextFile(path);
  } catch {
    throw new CommandFailure(2, `${path}: cannot be read`);
  }
};

const parsedLines = async (path: string, runtime: Runtime): Promise<readonly unknown[]> => {
  const lines = (await readFile(path, runtime)).split('\n').filter((line) => line.trim() !== '');
  return await Promise.all(
    lines.map((line, index) =>
      new Response(line).json().catch(() => {
        throw new CommandFailure(2, `${path}: line ${index + 1} is no JSON`);
      }),
    ),
  );
};

interface PromptRow {
  readonly id: string;
  readonly prompt: string;
  readonly source: string;
  readonly weak: number | undefined;
  readonly strong: number | undefined;
}

const optionalNumber = (value: unknown): number | undefined =>
  typeof value === 'number' ? value : undefined;

const promptRows = async (path: string, runtime: Runtime): Promise<readonly PromptRow[]> =>
  (await parsedLines(path, runtime)).map((value, index) => {
    const { id, prompt, source, weak, strong } = (value ?? {}) as Partial<Record<keyof PromptRow, unknown>>;
    if ((typeof id !== 'string' && typeof id !== 'number') || typeof prompt !== 'string')
      throw new CommandFailure(2, `${path}: row ${index + 1} needs an id and a prompt`);
    return {
      id: String(id),
      prompt,
      source: typeof source === 'string' ? source : 'all',
      weak: optionalNumber(weak),
      strong: optionalNumber(strong),
    };
  });

/** Puts the weights of a file in force; throws where it holds none. */
export const takeWeights = async (path: string | undefined, runtime: Runtime): Promise<void> => {
  if (path === undefined) return;
  const problem = useWeights(await readFile(path, runtime));
  if (problem !== undefined) throw new CommandFailure(2, `${path}: is no file of weights: ${problem}`);
};

/** Prints `id,score` lines; the score is the raw one, finer than the complexity and in the same order. */
export const autoScore = async (path: string, { weights }: ScoreOptions, runtime: Runtime): Promise<void> => {
  await takeWeights(weights, runtime);
  const lines = (await promptRows(path, runtime)).map(({ id, prompt }) => `${id},${scorePrompt(prompt).raw}`);
  runtime.out(`${lines.join('\n')}\n`);
};

const judgedOf = (rows: readonly PromptRow[]): readonly JudgedPrompt[] =>
  rows.flatMap(({ prompt, weak, strong }) =>
    weak === undefined || strong === undefined
      ? []
      : [{ score: scorePrompt(prompt).raw, gain: strong - weak, weight: 1 }],
  );

interface Judged {
  readonly source: string;
  readonly prompts: number;
  readonly apgr: number;
  readonly cpt50: number;
  readonly cpt80: number;
  readonly shareFrom70: number;
}

const judge = (source: string, rows: readonly PromptRow[]): Judged | undefined => {
  const points = gainCurve(judgedOf(rows));
  if (points === undefined) return undefined;
  const above = rows.filter(({ prompt }) => scorePrompt(prompt).complexity >= 0.7).length;
  return {
    source,
    prompts: rows.length,
    apgr: areaUnder(points),
    cpt50: shareFor(points, 0.5),
    cpt80: shareFor(points, 0.8),
    shareFrom70: above / rows.length,
  };
};

const three = (value: number): string => value.toFixed(3);

/** Prints the area under the curve and what has to be sent, by source, with the curve; needs rows with weak and strong. */
export const autoEval = async (path: string, options: EvalOptions, runtime: Runtime): Promise<void> => {
  await takeWeights(options.weights, runtime);
  const rows = await promptRows(path, runtime);
  const points = gainCurve(judgedOf(rows));
  if (points === undefined) {
    throw new CommandFailure(
      2,
      `${path}: holds no rows with weak and strong in which the strong model gains anything`,
    );
  }
  const sources = [...new Set(rows.map(({ source }) => source))];
  const judged = sources
    .map((source) =>
      judge(
        source,
        rows.filter((row) => row.source === source),
      ),
    )
    .filter((each) => each !== undefined);
  const whole = judge('all', rows);
  const all = whole === undefined || sources.length === 1 ? judged : [...judged, whole];
  if (options.svg !== undefined)
    await runtime.writeTextFile(options.svg, curveSvg(points, `APGR ${three(areaUnder(points))}`));
  if (options.json === true) {
    runtime.out(`${JSON.stringify({ sources: all, curve: points, origin: weightsOrigin() })}\n`);
    return;
  }
  const titles = ['SOURCE', 'PROMPTS', 'APGR', 'CPT50', 'CPT80', 'FROM 0.7'];
  const lines = all.map(({ source, prompts, apgr, cpt50, cpt80, shareFrom70 }) => [
    source,
    String(prompts),
    three(apgr),
    three(cpt50),
    three(cpt80),
    `${(100 * shareFrom70).toFixed(1)} %`,
  ]);
  runtime.out(`${table(titles, lines)}\n${curveText(points)}`);
};

const tunedText = ({ steps, threshold, share, curve, area, entries }: Tuned, group: string): string => {
  const worth = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(2));
  const rows = steps.map(({ from, weak, strong, judged }) => [
    from.toFixed(1),
    worth(weak),
    worth(strong),
    String(judged),
  ]);
  const found =
    threshold === undefined
      ? 'too little was said to fit a threshold: at least 20 judgements, some of a weaker tier'
      : `threshold ${threshold.toFixed(2)}: sends ${(100 * share).toFixed(0)} % of these requests to the strongest tier`;
  const picture =
    curve.length === 0 ? '' : `\n${curveText(curve)}area ${area.toFixed(3)}, one half by chance\n`;
  return `group ${group}, ${entries} judgements\n\n${table(['COMPLEXITY', 'WEAKER', 'STRONGEST', 'JUDGED'], rows)}${picture}\n${found}\n`;
};

const configOf = async (options: TuneOptions, runtime: Runtime) =>
  (await loadConfig(options.config, runtime)).config.auto;

/** Writes weights whose ranks are those of the judged requests; gives the threshold among them. */
const writeWeights = async (
  path: string,
  inForce: string | undefined,
  complexities: readonly number[],
  threshold: number,
  runtime: Runtime,
): Promise<number> => {
  const text = inForce === undefined ? undefined : await readFile(inForce, runtime);
  const own = ownWeights(text, complexities, threshold);
  if (own?.threshold === undefined)
    throw new CommandFailure(1, `${path}: not written: weights need at least 100 judgements`);
  await runtime.writeTextFile(path, own.text);
  runtime.err(`${path}: written; with it the threshold is ${own.threshold}\n`);
  return own.threshold;
};

interface Piece {
  readonly group: string;
  readonly threshold: number;
  readonly options: TuneOptions;
}

const writePiece = async (path: string, piece: Piece, runtime: Runtime): Promise<void> => {
  const { group, threshold, options } = piece;
  const at = group === 'auto' ? ['auto:'] : ['auto:', '  groups:', `    ${group}:`];
  const weights = options.weights === undefined ? [] : [`  weights: ${JSON.stringify(options.weights)}`];
  const line = `${'  '.repeat(at.length)}threshold: ${threshold}`;
  const [first = '', ...more] = at;
  await runtime.writeTextFile(path, `${[first, ...weights, ...more, line].join('\n')}\n`);
  runtime.err(`${path}: written; take it over into the configuration\n`);
};

/** Shows what the feedback says; changes nothing but the files named by `--write` and `--weights`, and those last. */
export const autoTune = async (
  path: string | undefined,
  options: TuneOptions,
  runtime: Runtime,
): Promise<ExitCode> => {
  const group = options.group ?? 'auto';
  const config =
    path === undefined || options.config !== undefined ? await configOf(options, runtime) : undefined;
  const log = path ?? config?.feedback.path;
  if (log === undefined)
    throw new CommandFailure(2, 'no feedback is kept: name its file, or set auto.feedback.path');
  const { entries, unread } = entriesIn(await parsedLines(log, runtime));
  const own = entries.filter((entry) => entry.group === group);
  const tuned = tune(own);
  if (options.json === true) runtime.out(`${JSON.stringify({ group, ...tuned }, null, 2)}\n`);
  else runtime.out(tunedText(tuned, group));
  if (unread > 0) runtime.err(`${log}: ${unread} lines are no feedback\n`);
  if (options.svg !== undefined && tuned.curve.length > 0)
    await runtime.writeTextFile(options.svg, curveSvg(tuned.curve, `area ${three(tuned.area)}`));
  if (tuned.threshold === undefined) return 1;
  const complexities = own.map(({ complexity }) => complexity);
  const threshold =
    options.weights === undefined
      ? tuned.threshold
      : await writeWeights(options.weights, config?.weights, complexities, tuned.threshold, runtime);
  if (options.write !== undefined) await writePiece(options.write, { group, threshold, options }, runtime);
  return 0;
};
