/** `pointsman auto score` and `auto eval`: score prompts of a file, and judge a scoring. */

import { useWeights } from '../../gateway/complexity-weights.ts';
import {
  areaUnder,
  gainCurve,
  type JudgedPrompt,
  scorePrompt,
  shareFor,
  weightsOrigin,
} from '../../gateway/scoring.ts';
import { curveSvg, curveText } from '../curve-text.ts';
import { CommandFailure } from '../exit.ts';
import { readFile } from '../read-file.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';

export interface ScoreOptions {
  readonly weights?: string;
}

export interface EvalOptions extends ScoreOptions {
  readonly json?: boolean;
  readonly svg?: string;
}

/** The lines of a file, each as JSON. */
export const parsedLines = async (path: string, runtime: Runtime): Promise<readonly unknown[]> => {
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
