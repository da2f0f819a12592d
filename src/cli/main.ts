/** The command line, the same on every runtime. */

import { Command, CommanderError, Option } from 'commander';
import { check } from './commands/check.ts';
import { configPrint, configSchemaText } from './commands/config.ts';
import { demo } from './commands/demo.ts';
import { models } from './commands/models.ts';
import { serve } from './commands/serve.ts';
import { simHost } from './commands/sim-host.ts';
import { simulateCommand } from './commands/simulate.ts';
import { version } from './commands/version.ts';
import { CommandFailure } from './exit.ts';
import type { Runtime } from './runtime.ts';

const configOption = (): Option =>
  new Option('-c, --config <path>', 'configuration file (default: pointsman.yaml, else what answers here)');
const jsonOption = (): Option => new Option('--json', 'print JSON, for scripts');
const urlOption = (): Option => new Option('--url <url>', 'ask the Pointsman that runs there');
const keyOption = (): Option =>
  new Option('--key <key>', 'API key of that Pointsman (default: $POINTSMAN_KEY)');

const afterHelp = `
Examples:
  pointsman serve --or-demo           route to what runs here, or to simulated hosts
  pointsman serve -c pointsman.yaml   route to what the file names; changes to it apply at once
  pointsman check                     is every backend up? exit code 1 if not
  pointsman models                    which backend has which model
  OLLAMA_HOST=127.0.0.1:5010 ollama run llama3.2:3b

Exit codes: 0 fine, 1 something is down, 2 usage or configuration.
`;

const build = (runtime: Runtime): Command => {
  const program = new Command('pointsman')
    .description('One address in front of every language model you can run.')
    .addHelpText('after', afterHelp)
    .exitOverride()
    .configureOutput({ writeOut: (text) => runtime.out(text), writeErr: (text) => runtime.err(text) })
    .showHelpAfterError('(pointsman --help tells what there is)');

  program
    .command('serve')
    .description('route requests to the configured or found backends')
    .addOption(configOption())
    .option('-l, --listen <host:port>', 'address to listen on (default: 127.0.0.1:5010)')
    .option('--or-demo', 'start simulated hosts when nothing answers')
    .option('--insecure', 'allow listening beyond this machine without a key')
    .addOption(jsonOption())
    .action((options) => serve(options, runtime));
  program
    .command('demo')
    .description('route requests to three simulated hosts')
    .option('-l, --listen <host:port>', 'address to listen on (default: 127.0.0.1:5010)')
    .option('--insecure', 'allow listening beyond this machine without a key')
    .addOption(jsonOption())
    .action((options) => demo(options, runtime));
  simHost(program, runtime);
  simulateCommand(program, runtime);
  program
    .command('check')
    .description('show the health of every backend')
    .addOption(configOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .action(async (options) => runtime.exit(await check(options, runtime)));
  program
    .command('models')
    .description('show which backend has which model')
    .addOption(configOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .action(async (options) => runtime.exit(await models(options, runtime)));

  const config = program.command('config').description('show the configuration, or its schema');
  config
    .command('print')
    .description('print the configuration in force, secrets masked')
    .addOption(configOption())
    .addOption(jsonOption())
    .action((options) => configPrint(options, runtime));
  config
    .command('schema')
    .description('print the JSON Schema of the configuration file')
    .action(() => configSchemaText(runtime));
  program
    .command('version')
    .description('print the version')
    .addOption(jsonOption())
    .action((options) => version(options, runtime));
  return program;
};

/** Runs one command line; returns while a server runs, exits otherwise. */
export const main = async (runtime: Runtime): Promise<void> => {
  try {
    await build(runtime).parseAsync([...runtime.args], { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) runtime.exit(error.exitCode === 0 ? 0 : 2);
    if (!(error instanceof CommandFailure)) throw error;
    runtime.err(`${error.message.trimEnd()}\n`);
    runtime.exit(error.exitCode);
  }
};
