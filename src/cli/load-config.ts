/** Where a configuration comes from: the named file, the file beside, the environment, or what answers on this machine. */

import { candidatesToScan, configFromEnvironment } from '../config/from-environment.ts';
import { parseConfig } from '../config/parse.ts';
import { policyProblems } from '../config/policy-check.ts';
import { scan, withFound } from '../config/scan.ts';
import type { Config } from '../config/schema.ts';
import { useWeights } from '../gateway/complexity-weights.ts';
import { nativeClock } from '../gateway/native-ports.ts';
import { CommandFailure } from './exit.ts';
import { readFile } from './read-file.ts';
import type { Runtime } from './runtime.ts';

export interface LoadedConfig {
  readonly config: Config;
  /** The file it was read from, to be watched; absent when it came from the environment or a scan. */
  readonly path?: string;
  /** What was found or looked for, for the banner. */
  readonly source: string;
  /** Whether any backend answered, where that was looked at. */
  readonly answering: 'some' | 'none' | 'not-asked';
}

const defaultPath = 'pointsman.yaml';

const fileSources = (runtime: Runtime) => ({
  env: (name: string) => runtime.env(name),
  readTextFile: (path: string) => runtime.readTextFile(path),
});

/** Reads and checks one file; every problem is a line of the failure. */
export const readConfigFile = async (path: string, runtime: Runtime): Promise<Config> => {
  const text = await readFile(path, runtime);
  const result = await parseConfig(text, fileSources(runtime));
  if ('problems' in result) {
    throw new CommandFailure(2, result.problems.map((problem) => `${path}: ${problem}`).join('\n'));
  }
  await takeWeights(result.config.auto.weights, runtime);
  return result.config;
};

/** Puts the weights in force that the configuration names; a start with a broken file would decide by others. */
const takeWeights = async (path: string | undefined, runtime: Runtime): Promise<void> => {
  let text: string | undefined;
  try {
    text = path === undefined ? undefined : await runtime.readTextFile(path);
  } catch {
    throw new CommandFailure(2, `auto.weights: ${path} cannot be read`);
  }
  const problem = useWeights(text);
  if (problem !== undefined)
    throw new CommandFailure(2, `auto.weights: ${path} is no file of weights: ${problem}`);
};

const exists = async (path: string, runtime: Runtime): Promise<boolean> => {
  try {
    await runtime.readTextFile(path);
    return true;
  } catch {
    return false;
  }
};

const fromSurroundings = async (runtime: Runtime): Promise<LoadedConfig> => {
  const { config, problems } = configFromEnvironment((name) => runtime.env(name));
  if (config === undefined) throw new CommandFailure(2, problems.join('\n'));
  const named = Object.values(config.backends).map(({ url }) => url);
  const targets = [...named, ...candidatesToScan((name) => runtime.env(name))];
  const found = await scan(targets, { fetch: runtime.fetch, clock: nativeClock });
  const whole = withFound(config, found);
  const unfit = policyProblems(whole);
  if (unfit.length > 0) throw new CommandFailure(2, unfit.join('\n'));
  return {
    config: whole,
    source: named.length > 0 ? 'the environment and the usual ports' : 'the usual ports of this machine',
    answering: found.length > 0 ? 'some' : 'none',
  };
};

/** Finds the configuration of a command; `path` is what `--config` said. */
export const loadConfig = async (path: string | undefined, runtime: Runtime): Promise<LoadedConfig> => {
  const named = path ?? runtime.env('POINTSMAN_CONFIG');
  const file = named ?? ((await exists(defaultPath, runtime)) ? defaultPath : undefined);
  if (file === undefined) return fromSurroundings(runtime);
  return { config: await readConfigFile(file, runtime), path: file, source: file, answering: 'not-asked' };
};
