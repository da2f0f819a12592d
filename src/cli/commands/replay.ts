/** `pointsman replay`: what another policy would have chosen for recorded requests. */

import { checkConfig } from '../../config/check-config.ts';
import type { Config } from '../../config/schema.ts';
import { toSettings } from '../../config/settings.ts';
import { replayDecisions } from '../../gateway/replay-decisions.ts';
import { CommandFailure, type ExitCode } from '../exit.ts';
import { readConfigFile } from '../load-config.ts';
import { readFile } from '../read-file.ts';
import { replayText } from '../replay-text.ts';
import type { Runtime } from '../runtime.ts';

export interface ReplayOptions {
  readonly policy: string;
  readonly json?: boolean;
}

const looksLikeFile = (text: string): boolean => /[./\\]/.test(text);

/** A configuration file, or the name of a strategy. */
const configOf = async (policy: string, runtime: Runtime): Promise<Config> => {
  if (looksLikeFile(policy)) return await readConfigFile(policy, runtime);
  const checked = checkConfig({ strategy: policy.toLowerCase().replaceAll('-', '_') });
  if ('config' in checked) return checked.config;
  throw new CommandFailure(2, checked.problems.map((problem) => `--policy: ${problem}`).join('\n'));
};

/** Prints the comparison; 1 when a line of the file could not be read, which is named while the rest is replayed. */
export const replay = async (path: string, options: ReplayOptions, runtime: Runtime): Promise<ExitCode> => {
  const config = await configOf(options.policy, runtime);
  const report = replayDecisions(await readFile(path, runtime), toSettings(config, new Set()));
  for (const { line, problem } of report.badLines) runtime.err(`${path}:${line}: ${problem}\n`);
  runtime.out(options.json === true ? `${JSON.stringify(report, null, 2)}\n` : replayText(report));
  return report.badLines.length > 0 ? 1 : 0;
};
