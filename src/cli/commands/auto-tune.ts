/** `pointsman auto tune`: what feedback on one's own traffic says of the threshold and of the weights. */

import { ownWeights, type Refit, refittedWeights } from '../../gateway/complexity-weights.ts';
import { entriesIn, type FeedbackEntry, type Tuned, tune } from '../../gateway/scoring.ts';
import { curveSvg, curveText } from '../curve-text.ts';
import { CommandFailure, type ExitCode } from '../exit.ts';
import { loadConfig } from '../load-config.ts';
import { readFile } from '../read-file.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';
import { parsedLines } from './auto.ts';

export interface TuneOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly group?: string;
  readonly write?: string;
  readonly weights?: string;
  readonly svg?: string;
}

const three = (value: number): string => value.toFixed(3);

const thresholdText = ({ threshold, share }: Tuned): string =>
  threshold === undefined
    ? 'too little was said to fit a threshold: at least 20 judgements, some of a weaker tier'
    : `threshold ${threshold.toFixed(2)}: sends ${(100 * share).toFixed(0)} % of these requests to the strongest tier`;

const tunedText = (tuned: Tuned, group: string): string => {
  const { steps, curve, area, entries } = tuned;
  const worth = (value: number | undefined): string => (value === undefined ? '-' : value.toFixed(2));
  const rows = steps.map(({ from, weak, strong, judged }) => [
    from.toFixed(1),
    worth(weak),
    worth(strong),
    String(judged),
  ]);
  const picture = curve.length === 0 ? '' : `\n${curveText(curve)}area ${three(area)}, one half by chance\n`;
  return `group ${group}, ${entries} judgements\n\n${table(['COMPLEXITY', 'WEAKER', 'STRONGEST', 'JUDGED'], rows)}${picture}\n${thresholdText(tuned)}\n`;
};

const refitText = ({ outcome, judged, withText, before, after, curve }: Refit, own: Tuned): string => {
  const what = `${judged} judgements that hold the parts of their score, ${withText} of them with the prompt`;
  if (outcome === 'little')
    return `\nweights: stay as they are; a fit needs at least 100, and there are ${what}\n`;
  const areas = `area ${three(before)} by the weights in force, ${three(after)} by fitted ones, on requests the fit had not seen`;
  if (outcome === 'same')
    return `\nweights: stay as they are; fitted to ${what}, they are not surely better\n  ${areas}\n`;
  return `\nweights: fitted to ${what}, they are better\n  ${areas}\n\n${curveText(curve)}\nwith them, ${thresholdText(own)}\n`;
};

interface Written {
  readonly path: string;
  readonly text: string;
  readonly threshold: number;
  readonly what: string;
}

const writeWeights = async ({ path, text, threshold, what }: Written, runtime: Runtime): Promise<number> => {
  await runtime.writeTextFile(path, text);
  runtime.err(`${path}: written, ${what}; with it the threshold is ${threshold}\n`);
  return threshold;
};

/** The weights with what was learned as it is, and the ranks of the judged requests. */
const rankedWeights = (
  path: string,
  inForce: string | undefined,
  entries: readonly FeedbackEntry[],
  threshold: number,
): Written => {
  const complexities = entries.map(({ complexity }) => complexity);
  const own = ownWeights(inForce, complexities, threshold);
  if (own?.threshold === undefined)
    throw new CommandFailure(1, `${path}: not written: weights need at least 100 judgements`);
  return { path, text: own.text, threshold: own.threshold, what: 'with the ranks of own requests alone' };
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
  const isConfigured = path === undefined || options.config !== undefined;
  const config = isConfigured ? (await loadConfig(options.config, runtime)).config.auto : undefined;
  const log = path ?? config?.feedback.path;
  if (log === undefined)
    throw new CommandFailure(2, 'no feedback is kept: name its file, or set auto.feedback.path');
  const { entries, unread } = entriesIn(await parsedLines(log, runtime));
  const own = entries.filter((entry) => entry.group === group);
  const inForce = config?.weights === undefined ? undefined : await readFile(config.weights, runtime);
  const tuned = tune(own);
  const fitted = refittedWeights(inForce, own);
  const { file: _file, entries: _entries, ...told } = fitted;
  const refitted = tune(fitted.entries ?? []);
  if (options.json === true) {
    const weights = { ...told, threshold: refitted.threshold };
    runtime.out(`${JSON.stringify({ group, ...tuned, weights }, null, 2)}\n`);
  } else runtime.out(tunedText(tuned, group) + refitText(fitted, refitted));
  if (unread > 0) runtime.err(`${log}: ${unread} lines are no feedback\n`);
  if (options.svg !== undefined && tuned.curve.length > 0)
    await runtime.writeTextFile(options.svg, curveSvg(tuned.curve, `area ${three(tuned.area)}`));
  if (tuned.threshold === undefined) return 1;
  let { threshold } = tuned;
  if (options.weights !== undefined) {
    const written: Written =
      fitted.file === undefined || refitted.threshold === undefined
        ? rankedWeights(options.weights, inForce, own, threshold)
        : {
            path: options.weights,
            text: `${JSON.stringify(fitted.file)}\n`,
            threshold: refitted.threshold,
            what: 'fitted to own requests',
          };
    threshold = await writeWeights(written, runtime);
  }
  if (options.write !== undefined) await writePiece(options.write, { group, threshold, options }, runtime);
  return 0;
};
