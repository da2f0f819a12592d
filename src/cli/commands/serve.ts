/** `pointsman serve`: the main job, from configuration to a drained end. */

import { parseListen } from '../../config/listen.ts';
import { isLoopbackHost } from '../../config/local-host.ts';
import type { Config } from '../../config/schema.ts';
import { nativeClock } from '../../gateway/native-ports.ts';
import { createApp, type PointsmanApp } from '../../http/app.ts';
import { healthReport, modelReports } from '../../http/fleet-report.ts';
import { demoFleet, type FleetMember } from '../../simulator/fleet.ts';
import { banner } from '../banner.ts';
import { createBoundedLog } from '../bounded-log.ts';
import { startDemoFleet } from '../demo-fleet.ts';
import { CommandFailure } from '../exit.ts';
import { type LoadedConfig, loadConfig } from '../load-config.ts';
import type { Listening, Runtime } from '../runtime.ts';
import { type ConfigWatch, watchConfig } from '../watch-config.ts';

export interface ServeOptions {
  readonly config?: string;
  readonly listen?: string;
  readonly orDemo?: boolean;
  readonly insecure?: boolean;
  readonly json?: boolean;
}

const nothingToRoute = `nothing to route to: no engine answers on the usual ports of this machine.
  start one            ollama serve
  or name one          OLLAMA_HOST=http://gpu-box:11434 pointsman serve
  or write it down     pointsman.yaml with a line under backends: (pointsman config schema tells the keys)
  or look around       pointsman demo
`;

const checkedListen = (config: Config, options: ServeOptions): { hostname: string; port: number } => {
  const address = parseListen(config.listen);
  if (address === undefined) throw new CommandFailure(2, `--listen: '${config.listen}' must be host:port`);
  const open = config.auth.keys.length === 0 && !(options.insecure ?? config.insecure);
  if (open && !isLoopbackHost(address.hostname)) {
    throw new CommandFailure(
      2,
      `listen: ${config.listen} can be reached from other machines and no key is configured.\n` +
        '  add auth.keys, listen on 127.0.0.1, or say --insecure if that is meant',
    );
  }
  return address;
};

/** What `--listen` says counts as the own address wherever that is avoided as a backend. */
const withListenVariable = ({ listen }: ServeOptions, runtime: Runtime): Runtime =>
  listen === undefined
    ? runtime
    : { ...runtime, env: (name) => (name === 'POINTSMAN_LISTEN' ? listen : runtime.env(name)) };

const withListen = (loaded: LoadedConfig, options: ServeOptions): LoadedConfig =>
  options.listen === undefined ? loaded : { ...loaded, config: { ...loaded.config, listen: options.listen } };

export interface Prepared {
  readonly loaded: LoadedConfig;
  readonly simulated: ReadonlySet<string>;
  readonly stopFleet: () => Promise<void>;
  /** Called with the application before it listens. */
  readonly started?: (app: PointsmanApp) => void;
  /** What holds of a file that changed; absent: all of it. */
  readonly reread?: (file: Config) => Config;
}

const prepare = async (options: ServeOptions, runtime: Runtime): Promise<Prepared> => {
  const loaded = withListen(await loadConfig(options.config, withListenVariable(options, runtime)), options);
  const noBackends = Object.keys(loaded.config.backends).length === 0 && !loaded.config.state.findPeers;
  const silent = loaded.answering === 'none' && options.orDemo === true;
  if (!noBackends && !silent) return { loaded, simulated: new Set(), stopFleet: async () => undefined };
  if (options.orDemo !== true) throw new CommandFailure(2, nothingToRoute);
  runtime.err(`no engine answers (looked at ${loaded.source}); starting three simulated hosts instead\n`);
  return prepareDemo(loaded.config, demoFleet(), runtime);
};

/** The same configuration in front of simulated hosts. */
export const prepareDemo = async (
  config: Config,
  members: readonly FleetMember[],
  runtime: Runtime,
): Promise<Prepared> => {
  const fleet = await startDemoFleet(config, members, runtime);
  return {
    loaded: { config: fleet.config, source: 'the built-in simulation', answering: 'some' },
    simulated: new Set(Object.keys(fleet.config.backends)),
    stopFleet: fleet.stop,
  };
};

const listenOn = async (
  config: Config,
  options: ServeOptions,
  app: PointsmanApp,
  runtime: Runtime,
): Promise<Listening> => {
  const address = checkedListen(config, options);
  try {
    return await runtime.serve((request, connection) => app.fetch(request, connection), address);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const why =
      code === 'EADDRINUSE' || /in use/i.test(String(error))
        ? 'the port is in use'
        : 'the address cannot be used';
    throw new CommandFailure(2, `listen: ${config.listen}: ${why}`);
  }
};

const urlOf = ({ hostname, port }: Listening): string => {
  const shown = hostname === '0.0.0.0' || hostname === '::' ? '127.0.0.1' : hostname;
  return `http://${shown.includes(':') ? `[${shown}]` : shown}:${port}`;
};

interface Serving {
  readonly prepared: Prepared;
  readonly options: ServeOptions;
  readonly runtime: Runtime;
}

const showBanner = async (
  app: PointsmanApp,
  listening: Listening,
  { prepared, options, runtime }: Serving,
): Promise<void> => {
  await app.gateway.discovery.settled();
  const url = urlOf(listening);
  const { source, config } = prepared.loaded;
  const report = healthReport(app.gateway, 'shown');
  if (options.json === true) {
    runtime.out(`${JSON.stringify({ url, source, ...report })}\n`);
    return;
  }
  // The example names the model most hosts have, so that killing one of them shows something.
  const [chat] = modelReports(app.gateway.fleet)
    .filter(({ model, available }) => available && !model.includes('embed'))
    .sort((left, right) => right.backends.length - left.backends.length);
  runtime.out(banner({ url, source, report, model: chat?.model, keyed: config.auth.keys.length > 0 }));
};

/** A client that neither reads nor leaves must not hold the process up. */
const stopTimeoutMs = 2_000;

const endOnSignals = (
  runtime: Runtime,
  {
    app,
    listening,
    watch,
    prepared,
    drainMs,
  }: {
    readonly app: PointsmanApp;
    readonly listening: Listening;
    readonly watch: ConfigWatch | undefined;
    readonly prepared: Prepared;
    readonly drainMs: () => number;
  },
): void => {
  let ending = false;
  runtime.onSignal((signal) => {
    // A terminal that closes sends the same signal a service manager sends to have the file read again.
    if (signal === 'reload' && watch !== undefined && !runtime.terminal.interactive) {
      void watch.reload();
      return;
    }
    if (ending) runtime.exit(130);
    ending = true;
    runtime.err(`draining: ${app.gateway.active.running()} running; once more to end at once\n`);
    void (async () => {
      await app.drain(drainMs());
      watch?.stop();
      app.stop();
      const graceful = listening.stop('graceful');
      const late = new Promise<'late'>(
        (resolve) => void nativeClock.after(stopTimeoutMs, () => resolve('late')),
      );
      if ((await Promise.race([graceful, late])) === 'late') await listening.stop('now');
      await prepared.stopFleet();
      runtime.exit(0);
    })();
  });
};

/** Runs a prepared configuration until a signal ends it; gives its address once it listens. */
export const runServer = async (
  prepared: Prepared,
  options: ServeOptions,
  runtime: Runtime,
): Promise<string> => {
  const { loaded } = prepared;
  let { config } = loaded;
  checkedListen(config, options);
  const app = createApp(config, {
    ports: { fetch: runtime.fetch },
    hostname: runtime.hostname,
    simulated: prepared.simulated,
    writeFeedback: createBoundedLog(runtime),
    writeLog: (line) => runtime.err(line),
  });
  prepared.started?.(app);
  const listening = await listenOn(config, options, app, runtime).catch(async (error: unknown) => {
    app.stop();
    await prepared.stopFleet();
    throw error;
  });
  const watch =
    loaded.path === undefined
      ? undefined
      : await watchConfig({
          path: loaded.path,
          runtime,
          clock: nativeClock,
          apply: (next) => {
            // The address is bound; a new one takes a restart, but must not make the bound one unguarded.
            const kept = { ...(prepared.reread?.(next) ?? next), listen: config.listen };
            checkedListen(kept, options);
            config = kept;
            app.apply(config);
            runtime.err('configuration applied\n');
          },
          reject: (problems) => {
            runtime.err(
              `configuration not applied, the old one stays:\n${problems.map((line) => `  ${line}\n`).join('')}`,
            );
          },
        });
  endOnSignals(runtime, { app, listening, watch, prepared, drainMs: () => config.timeouts.drainMs });
  await showBanner(app, listening, { prepared, options, runtime });
  return urlOf(listening);
};

/** Finds what to route to and serves it. */
export const serve = async (options: ServeOptions, runtime: Runtime): Promise<void> => {
  await runServer(await prepare(options, runtime), options, runtime);
};
