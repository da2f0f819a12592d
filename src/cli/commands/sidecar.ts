/** `pointsman sidecar`: one instance beside one engine, which owns its slots and says how it stands with it. */

import { checkConfig } from '../../config/check-config.ts';
import { isLoopbackHost } from '../../config/local-host.ts';
import { scan } from '../../config/scan.ts';
import type { Config } from '../../config/schema.ts';
import { nativeClock } from '../../gateway/native-ports.ts';
import type { PointsmanApp } from '../../http/app.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import { CommandFailure } from '../exit.ts';
import { findGpuReading } from '../gpu-memory.ts';
import { readConfigFile } from '../load-config.ts';
import type { Runtime } from '../runtime.ts';
import { runServer } from './serve.ts';

export interface SidecarOptions {
  readonly backend: string;
  readonly kind?: string;
  readonly slots?: string;
  readonly config?: string;
  readonly listen?: string;
  readonly insecure?: boolean;
  readonly json?: boolean;
}

/** The name of the one backend. */
const backendName = 'engine';

/** Beside the engine a look costs next to nothing. */
const lookEveryMs: Millis = 1_000;
const gpuEveryMs: Millis = 5_000;

const refuseFar = ({ backend, insecure }: SidecarOptions): void => {
  let hostname: string;
  try {
    ({ hostname } = new URL(backend));
  } catch {
    throw new CommandFailure(2, '--backend: must be a URL such as http://127.0.0.1:11434');
  }
  if (isLoopbackHost(hostname) || insecure === true) return;
  throw new CommandFailure(
    2,
    '--backend: is not on this machine, so others may reach it past the sidecar.\n' +
      '  have the engine listen on 127.0.0.1, or say --insecure if that is meant',
  );
};

/** What the engine says it is, else what somebody says, else the usual one. */
const kindOf = async ({ backend, kind }: SidecarOptions, runtime: Runtime) => {
  if (kind !== undefined) return { kind };
  const [found] = await scan([backend], { fetch: runtime.fetch, clock: nativeClock });
  if (found === undefined) return { kind: 'ollama' };
  return { kind: found.kind, ...(found.preset === undefined ? {} : { preset: found.preset }) };
};

const slotsIn = (text: string | undefined): number | undefined => {
  if (text === undefined) return undefined;
  const slots = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (slots >= 1) return slots;
  throw new CommandFailure(2, '--slots: must be a whole number from 1 on');
};

/** What a configuration file says, with what is behind as it was said on the command line. */
type Beside = (file: Config) => Config;

const besideEngine = async (
  options: SidecarOptions,
  runtime: Runtime,
): Promise<{ readonly alone: Config; readonly beside: Beside }> => {
  const slots = slotsIn(options.slots);
  const listen = options.listen ?? runtime.env('POINTSMAN_LISTEN');
  const engine = {
    url: options.backend,
    ...(await kindOf(options, runtime)),
    ...(slots === undefined ? {} : { slots }),
  };
  const listening = listen === undefined ? {} : { listen };
  const checked = checkConfig({
    ...listening,
    backends: { [backendName]: engine },
    probe: { intervalMs: lookEveryMs },
  });
  if ('problems' in checked) throw new CommandFailure(2, checked.problems.join('\n'));
  const { backends, probe } = checked.config;
  // Keys, state and limits are the file's.
  const beside: Beside = (file) => ({ ...file, ...listening, backends, probe: { ...file.probe, ...probe } });
  return { alone: checked.config, beside };
};

/** Reads the GPU's memory now and then for as long as the instance runs. */
const watchGpu = async ({ gateway }: PointsmanApp, runtime: Runtime): Promise<void> => {
  const read = await findGpuReading(runtime);
  if (read === undefined) return;
  const look = async (): Promise<void> => {
    const host = gateway.fleet.host(backendName);
    if (host !== undefined) host.gpu = await read();
    nativeClock.after(gpuEveryMs, () => void look());
  };
  await look();
};

/** Serves the one engine. */
export const sidecar = async (options: SidecarOptions, runtime: Runtime): Promise<void> => {
  refuseFar(options);
  const { alone, beside } = await besideEngine(options, runtime);
  const { config: path } = options;
  const config = path === undefined ? alone : beside(await readConfigFile(path, runtime));
  const source = 'the command line';
  const prepared = {
    loaded: { config, source, answering: 'not-asked', ...(path === undefined ? {} : { path }) },
    simulated: new Set<string>(),
    stopFleet: async () => undefined,
    started: (app: PointsmanApp) => void watchGpu(app, runtime),
    reread: beside,
  } as const;
  await runServer(prepared, options, runtime);
};
