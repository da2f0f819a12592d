/** The command line, the same on every runtime. */

import { Command, CommanderError, Option } from 'commander';
import { analyze } from './commands/analyze.ts';
import { check } from './commands/check.ts';
import { cluster } from './commands/cluster.ts';
import { configPrint, configSchemaText } from './commands/config.ts';
import { decisions } from './commands/decisions.ts';
import { demo } from './commands/demo.ts';
import { mode } from './commands/mode.ts';
import { models } from './commands/models.ts';
import { residency } from './commands/residency.ts';
import { route } from './commands/route.ts';
import { serve } from './commands/serve.ts';
import { sidecar } from './commands/sidecar.ts';
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
  pointsman route --explain "Hello" --model llama3.2:3b   where would it go, and why?
  OLLAMA_HOST=127.0.0.1:5010 ollama run llama3.2:3b

Exit codes: 0 fine, 1 something is down, 2 usage or configuration.
`;

/** Commands on where requests go. */
const addPlacement = (program: Command, runtime: Runtime): void => {
  const ofRunning = (command: Command): Command =>
    command.addOption(configOption()).addOption(urlOption()).addOption(keyOption()).addOption(jsonOption());
  ofRunning(program.command('route'))
    .description('show where a request would go and why; nothing is sent to a backend')
    .option('--explain <prompt>', 'the prompt of the request')
    .option('--model <model>', 'the model it asks for')
    .option('--body <path>', 'a file with the whole request, in place of a prompt')
    .option('--intent <intent>', 'fast or heavy')
    .option('--policy <name>', 'the policy to decide by, where requests may choose')
    .option('--local', 'as a request that must stay local')
    .action(async (options) => runtime.exit(await route(options, runtime)));
  ofRunning(program.command('decisions'))
    .description('show the last requests and where they went, or why one of them went there')
    .argument('[request-id]', 'as in the header x-request-id of its answer')
    .action((requestId: string | undefined, options) => decisions(requestId, options, runtime));
  ofRunning(program.command('mode'))
    .description('show which backends may be used at all, or switch that')
    .argument('[name]', 'hybrid, single, fallback_only or local_only')
    .action((name: string | undefined, options) => mode(name, options, runtime));
  ofRunning(program.command('cluster'))
    .description('show the instances that share what they learn, and what each believes')
    .action((options) => cluster(options, runtime));
  ofRunning(program.command('load'))
    .description('bring a model into memory')
    .argument('<model>')
    .option('--backend <name>', 'there only (default: where a request would go)')
    .action(async (model: string, options) => runtime.exit(await residency('load', model, options, runtime)));
  ofRunning(program.command('unload'))
    .description('put a model out of memory')
    .argument('<model>')
    .option('--backend <name>', 'there only (default: wherever it is)')
    .action(async (model: string, options) =>
      runtime.exit(await residency('unload', model, options, runtime)),
    );
  program
    .command('replay')
    .description('show what another policy would have chosen for recorded decisions')
    .argument('<path>', 'file of decisions, one a line, as the log holds them')
    .requiredOption('--policy <name>', 'a strategy, or a configuration file')
    .addOption(jsonOption())
    .action(async (path: string, options) => {
      const { replay } = await import('./commands/replay.ts');
      runtime.exit(await replay(path, options, runtime));
    });
};

/** Commands on requests that leave their model open. */
const addAuto = (program: Command, runtime: Runtime): void => {
  program
    .command('analyze')
    .description('show what a prompt asks for, how hard it is, and which model would be chosen for it')
    .argument('<prompt>')
    .option('--model <model>', 'the model or group it asks for (default: auto)')
    .addOption(configOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .action((prompt: string, options) => analyze(prompt, options, runtime));
  const auto = program.command('auto').description('score prompts, judge the scorer, fit it to own traffic');
  const weights = (): Option =>
    new Option('--weights <path>', 'a file of weights in place of those that are built in');
  const picture = (): Option => new Option('--svg <path>', 'write the curve as a picture');
  auto
    .command('score')
    .description('print a line `id,score` for each row of a file with id and prompt')
    .argument('<path>', 'JSON, one row a line')
    .addOption(weights())
    .action(async (path: string, options) => {
      const { autoScore } = await import('./commands/auto.ts');
      await autoScore(path, options, runtime);
    });
  auto
    .command('eval')
    .description('print how well the scores choose between a weak and a strong model')
    .argument('<path>', 'JSON, one row a line, with id, prompt, weak and strong')
    .addOption(weights())
    .addOption(picture())
    .addOption(jsonOption())
    .action(async (path: string, options) => {
      const { autoEval } = await import('./commands/auto.ts');
      await autoEval(path, options, runtime);
    });
  auto
    .command('tune')
    .description('show which threshold and weights the feedback of own traffic asks for')
    .argument('[path]', 'the file of feedback (default: auto.feedback.path)')
    .addOption(configOption())
    .option('--group <name>', 'the group to fit (default: auto)')
    .option('--write <path>', 'write the threshold as a piece of configuration')
    .option(
      '--weights <path>',
      'write weights fitted to own traffic, or with its ranks alone where a fit is no better',
    )
    .addOption(picture())
    .addOption(jsonOption())
    .action(async (path: string | undefined, options) => {
      const { autoTune } = await import('./commands/auto-tune.ts');
      runtime.exit(await autoTune(path, options, runtime));
    });
};

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
    .description('route requests to simulated hosts')
    .option('--clouds', 'and a simulated OpenAI, Anthropic and Gemini')
    .option('-l, --listen <host:port>', 'address to listen on (default: 127.0.0.1:5010)')
    .option('--routers <count>', 'instances before them, which share what they learn (default: 1)')
    .option('--hosts <count>', 'simulated hosts (default: 3)')
    .option('--redis <url>', 'where the instances share it (default: the first one keeps it)')
    .option('--insecure', 'allow listening beyond this machine without a key')
    .addOption(jsonOption())
    .action((options) => demo(options, runtime));
  program
    .command('sidecar')
    .description('stand beside one engine: guard it, own its slots, say how it is')
    .requiredOption('--backend <url>', 'the engine, on this machine')
    .option('--kind <kind>', 'what kind of engine it is (default: what answers there)')
    .option('--slots <count>', 'requests it is given at once (default: what it says)')
    .option('-c, --config <path>', 'its keys, limits and state (default: none, whatever lies beside)')
    .option('-l, --listen <host:port>', 'address to listen on (default: 127.0.0.1:5010)')
    .option('--insecure', 'allow an engine elsewhere, and listening beyond this machine without a key')
    .addOption(jsonOption())
    .action((options) => sidecar(options, runtime));
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
    .option('--tiers', 'show the groups a request can leave its model open to, and their tiers')
    .addOption(configOption())
    .addOption(urlOption())
    .addOption(keyOption())
    .addOption(jsonOption())
    .action(async (options) => runtime.exit(await models(options, runtime)));

  addPlacement(program, runtime);
  addAuto(program, runtime);
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
