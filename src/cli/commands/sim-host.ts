/** `pointsman sim-host`: one simulated engine, for trying a configuration or a client without a real one. */

import type { Command } from 'commander';
import { parseListen } from '../../config/listen.ts';
import { nativeClock } from '../../gateway/native-ports.ts';
import { parseHostOptions } from '../../simulator/fleet.ts';
import { CommandFailure } from '../exit.ts';
import type { Runtime } from '../runtime.ts';
import { serveSimulatedHost } from '../serve-simulated-host.ts';

interface SimHostFlags {
  readonly [flag: string]: string | boolean | undefined;
}

const textFlags = (flags: SimHostFlags): Record<string, string> =>
  Object.fromEntries(
    Object.entries(flags).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value]] : [])),
  );

const run = async ({ json, ...given }: SimHostFlags, runtime: Runtime): Promise<void> => {
  const { listen = '127.0.0.1:0', ...flags } = textFlags(given);
  const address = parseListen(listen);
  if (address === undefined) throw new CommandFailure(2, `--listen: '${listen}' must be host:port`);
  const parsed = parseHostOptions(flags);
  if ('problems' in parsed) throw new CommandFailure(2, parsed.problems.join('\n'));
  const host = await serveSimulatedHost(parsed.options, address, runtime, nativeClock);
  const { kind } = parsed.options;
  const facts = { url: host.url, kind, simulated: true };
  runtime.out(json === true ? `${JSON.stringify(facts)}\n` : `simulated ${kind} listens on ${host.url}\n`);
  runtime.onSignal(() => {
    void host.stop().then(() => runtime.exit(0));
  });
};

/** Adds the command with its flags. */
export const simHost = (program: Command, runtime: Runtime): void => {
  program
    .command('sim-host')
    .description('run one simulated engine: no model answers, but it behaves like one')
    .option('-l, --listen <host:port>', 'address to listen on (default: any free port of 127.0.0.1)')
    .option(
      '--kind <kind>',
      'ollama, docker-model-runner, openai-compatible, openai, anthropic or gemini',
      'ollama',
    )
    .option('--preset <preset>', 'for openai-compatible: llama.cpp, vllm or lm-studio')
    .option('--vram <size>', 'GPU memory, such as 24GiB')
    .option('--ram <size>', 'memory for what does not fit there')
    .option('--name <name>', 'the name it gives in its answers')
    .option('--preload <list>', 'models in memory from the start')
    .option('--slots <count>', 'requests a loaded model works on at once')
    .option('--models <list>', 'comma-separated, each a known name or name=4GiB')
    .option('--profile <profile>', 'how fast it is: gpu, cpu or container')
    .option('--engine <generation>', "old or new: Ollama's error texts and stream details")
    .option('--fault <name[:n]>', 'what goes wrong, such as reset, hang-before-headers, crash-after:5')
    .option('--seed <number>', 'the text it writes depends on this')
    .option('--speedup <factor>', 'divides every duration')
    .option('--version <version>', 'the version it reports')
    .option('--json', 'print JSON, for scripts')
    .action((flags: SimHostFlags) => run(flags, runtime));
};
