/** Looks for engines at likely addresses and takes them in. Imports backends and spec. */

import { type Fingerprint, fingerprint } from '../backends/fingerprint.ts';
import { backendKinds } from '../backends/registry.ts';
import type { Clock, Fetch } from '../spec/ports.ts';
import { defaults } from './defaults.ts';
import { endpointKey } from './engine-address.ts';
import type { Config } from './schema.ts';

/** An engine and where it was found. */
export interface FoundBackend extends Fingerprint {
  readonly url: string;
}

/** A local engine that takes longer than this to say its name is not one to start with. */
const scanMs = 1_000;

/**
 * Asks all addresses at once what answers there and returns the engines among them, in the order of the addresses.
 * A port proves nothing, so only what is recognised counts; never throws and never takes longer than a second.
 */
export const scan = async (
  targets: readonly string[],
  ports: { readonly fetch: Fetch; readonly clock: Clock },
): Promise<readonly FoundBackend[]> => {
  const endpoints = targets.map(endpointKey);
  const unique = targets.filter((_, index) => endpoints.indexOf(endpoints[index] ?? '') === index);
  const abort = new AbortController();
  let stop = (): void => {};
  const late = new Promise<undefined>((resolve) => {
    stop = ports.clock.after(scanMs, () => {
      abort.abort();
      resolve(undefined);
    });
  });
  const look = async (url: string): Promise<FoundBackend | undefined> => {
    const engine = await fingerprint(url, ports.fetch, abort.signal);
    return engine !== undefined && backendKinds.some(({ kind }) => kind === engine.kind)
      ? { url, ...engine }
      : undefined;
  };
  const found = await Promise.all(
    unique.map((url) => Promise.race([look(url).catch(() => undefined), late])),
  );
  stop();
  return found.filter((backend) => backend !== undefined);
};

const freeId = (name: string, taken: ReadonlyMap<string, unknown>): string => {
  let id = name;
  for (let count = 2; taken.has(id); count += 1) id = `${name}-${count}`;
  return id;
};

/**
 * Takes what a scan found into a configuration, each under the name of what it is.
 * Where a backend has that address already, it stays as it is called and ranked but becomes the kind that answered.
 */
export const withFound = (config: Config, found: readonly FoundBackend[]): Config => {
  const backends = new Map(Object.entries(config.backends));
  const known = new Map(Object.entries(config.backends).map(([id, { url }]) => [endpointKey(url), id]));
  for (const { url, kind, preset } of found) {
    const id =
      known.get(endpointKey(url)) ?? freeId(preset === 'generic' ? kind : (preset ?? kind), backends);
    const named = backends.get(id) ?? { url, kind, priority: defaults.backend.priority };
    // A kind that was named and answers as such may have a preset of its own choice.
    if (!backends.has(id) || named.kind !== kind) backends.set(id, { ...named, kind, preset });
  }
  return { ...config, backends: Object.fromEntries(backends) };
};
