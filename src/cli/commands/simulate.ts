/** `pointsman simulate`: what a policy makes of a fleet and a load, in virtual time. */

import { type Command, Option } from 'commander';
import { fleetNames, loadNames } from '../../simulation/built-in.ts';
import type { SimulateFlags } from '../run-simulation.ts';
import type { Runtime } from '../runtime.ts';

const run = async (flags: SimulateFlags, runtime: Runtime): Promise<void> => {
  const { runSimulation } = await import('../run-simulation.ts');
  await runSimulation(flags, runtime);
};

const collect = (value: string, before: readonly string[]): readonly string[] => [
  ...before,
  ...value.split(',').map((name) => name.trim()),
];

const defaultPolicies: readonly string[] = [];

/** Without any, the policies people ask about. */
const usualPolicies = [
  'expected_finish',
  'least_loaded',
  'round_robin',
  'least_loaded:direct',
  'clairvoyant',
];

/** Adds the command with its flags. */
export const simulateCommand = (program: Command, runtime: Runtime): void => {
  program
    .command('simulate')
    .description('try policies on a described fleet and load, in virtual time')
    .option('-c, --config <path>', 'the fleet to simulate, as a file')
    .addOption(new Option('--fleet <name>', `a ready-made one: ${fleetNames.join(', ')} (default: unequal)`))
    .option(
      '--load <file|name[:rate]>',
      `load.yaml, or one of ${loadNames.join(', ')}; :70% of capacity, :0.5/s per second`,
      'poisson:70%',
    )
    .option(
      '--policy <names>',
      `several with commas; name:direct leaves the queue to the hosts (default: ${usualPolicies.join(', ')})`,
      collect,
      defaultPolicies,
    )
    .option('--seed <number>', 'the same seed gives the same run', '1')
    .option('--minutes <number>', 'how long requests arrive, in virtual time', '30')
    .option('--json', 'print JSON, for scripts')
    .action((flags: SimulateFlags) =>
      run({ ...flags, policy: flags.policy.length > 0 ? flags.policy : usualPolicies }, runtime),
    );
};
