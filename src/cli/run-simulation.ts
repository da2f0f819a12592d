/** Carries out `pointsman simulate`; loaded when somebody asks for it. */

import {
  type Arrivals,
  type Checked,
  type FleetFile,
  type LoadFile,
  parseArrivals,
  parseFleet,
  parseLoad,
} from '../config/simulation-files.ts';
import { nativeClock } from '../gateway/native-ports.ts';
import { builtInFleet, builtInLoad, fleetNames, loadNames } from '../simulation/built-in.ts';
import { type Comparison, compare } from '../simulation/comparison.ts';
import { problemsOf } from '../simulation/members.ts';
import { parsePlacing } from '../simulation/placing.ts';
import { ImpossibleRun, type Placing } from '../simulation/run.ts';
import { CommandFailure } from './exit.ts';
import { readFile } from './read-file.ts';
import type { Runtime } from './runtime.ts';
import { hostTable, policyTable } from './simulation-tables.ts';

/** The flags of the command, as they were given. */
export interface SimulateFlags {
  readonly config?: string;
  readonly fleet?: string;
  readonly load: string;
  readonly policy: readonly string[];
  readonly seed: string;
  readonly minutes: string;
  readonly json?: boolean;
}

const fail = (...problems: readonly string[]): never => {
  throw new CommandFailure(2, problems.join('\n'));
};

const readChecked = async <T>(
  path: string,
  runtime: Runtime,
  parse: (text: string) => Checked<T>,
): Promise<T> => {
  const checked = parse(await readFile(path, runtime));
  if ('problems' in checked) return fail(...checked.problems.map((problem) => `${path}: ${problem}`));
  return checked.value;
};

const fleetOf = async (
  { config, fleet }: SimulateFlags,
  seed: number,
  runtime: Runtime,
): Promise<FleetFile> => {
  if (config !== undefined && fleet !== undefined)
    fail('--config and --fleet name a fleet each; give one of them');
  if (config === undefined) {
    const name = fleet ?? 'unequal';
    return builtInFleet(name, seed) ?? fail(`--fleet: '${name}' must be one of ${fleetNames.join(', ')}`);
  }
  const read = await readChecked(config, runtime, parseFleet);
  const problems = problemsOf(read);
  return problems.length > 0 ? fail(...problems.map((problem) => `${config}: ${problem}`)) : read;
};

interface LoadOf {
  readonly load: LoadFile;
  readonly arrivals: Arrivals | undefined;
}

/** `poisson`, `poisson:70%`, `load.yaml` or `load.yaml:0.5/s`. */
const loadOf = async (text: string, seed: number, runtime: Runtime): Promise<LoadOf> => {
  const [, name = text, rate] = /^(.*?)(?::([^:/\\]*%|[\d.]+\/s))?$/.exec(text) ?? [];
  const arrivals = rate === undefined ? undefined : parseArrivals(rate);
  if (rate !== undefined && arrivals === undefined) fail(`--load: '${rate}' must be such as 70% or 0.5/s`);
  if (/\.(ya?ml|json)$/i.test(name)) return { load: await readChecked(name, runtime, parseLoad), arrivals };
  const load =
    builtInLoad(name, seed) ??
    fail(`--load: '${name}' must be a file such as load.yaml, or one of ${loadNames.join(', ')}`);
  return { load, arrivals };
};

const numberOf = (flag: string, text: string, kind: 'whole' | 'positive'): number => {
  const value = text.trim() === '' ? Number.NaN : Number(text);
  const fits =
    kind === 'whole' ? Number.isSafeInteger(value) && value >= 0 : value > 0 && Number.isFinite(value);
  return fits ? value : fail(`--${flag}: '${text}' must be a ${kind} number`);
};

const placingsOf = (names: readonly string[]): readonly Placing[] => {
  const parsed = names.map(parsePlacing);
  const problems = parsed.flatMap((each) => ('problem' in each ? [`--policy: ${each.problem}`] : []));
  if (problems.length > 0) fail(...problems);
  return parsed.filter((each): each is Placing => !('problem' in each));
};

const headline = ({ minutes, seed, requests, arrivalsPerSecond, capacityPerSecond }: Comparison): string =>
  `${minutes} minutes, seed ${seed}: ${requests} requests, ${arrivalsPerSecond.toFixed(2)} per second, ` +
  `${((100 * arrivalsPerSecond) / capacityPerSecond).toFixed(0)} % of the ${capacityPerSecond.toFixed(2)} the fleet can serve\n\n`;

/** Infinity is no JSON: what never came is null. */
const toJson = (comparison: Comparison): string => `${JSON.stringify(comparison, null, 2)}\n`;

/** Runs and prints the comparison; throws a `CommandFailure` for flags and files that cannot be simulated. */
export const runSimulation = async (flags: SimulateFlags, runtime: Runtime): Promise<void> => {
  const seed = numberOf('seed', flags.seed, 'whole');
  const durationMs = numberOf('minutes', flags.minutes, 'positive') * 60_000;
  const placings = placingsOf(flags.policy);
  const fleet = await fleetOf(flags, seed, runtime);
  const { load, arrivals } = await loadOf(flags.load, seed, runtime);
  let simulatedMs = 0;
  const startedAt = nativeClock.now();
  try {
    const comparison = await compare({
      fleet,
      load,
      ...(arrivals === undefined ? {} : { arrivals }),
      placings,
      durationMs,
      seed,
      onRun: ({ label, endedAt }) => {
        simulatedMs += endedAt;
        if (flags.json !== true && runtime.terminal.interactive) runtime.err(`simulated ${label}\n`);
      },
    });
    if (flags.json === true) {
      runtime.out(toJson(comparison));
      return;
    }
    runtime.out(headline(comparison) + policyTable(comparison.policies) + hostTable(comparison.policies));
    runtime.err(`${Math.round(simulatedMs / (nativeClock.now() - startedAt))} times faster than life\n`);
  } catch (error) {
    if (error instanceof ImpossibleRun) fail(...error.problems);
    throw error;
  }
};
