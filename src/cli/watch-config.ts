/** Applies a changed configuration file while the program runs; a bad one changes nothing and says why. */

import type { Config } from '../config/schema.ts';
import type { Clock } from '../spec/ports.ts';
import { CommandFailure } from './exit.ts';
import { readConfigFile } from './load-config.ts';
import type { Runtime } from './runtime.ts';

export interface ConfigWatch {
  /** Looks now, as a reload signal asks. */
  reload(): Promise<void>;
  stop(): void;
}

/** The file is read and compared, not watched: that sees editors that rename, mounted volumes and links alike. */
const lookEveryMs = 1_000;

export interface WatchOptions {
  readonly path: string;
  readonly runtime: Runtime;
  readonly clock: Clock;
  /** May throw a `CommandFailure`, which rejects the file. */
  readonly apply: (config: Config) => void;
  readonly reject: (problems: readonly string[]) => void;
}

/** Starts looking at the file. */
export const watchConfig = async ({
  path,
  runtime,
  clock,
  apply,
  reject,
}: WatchOptions): Promise<ConfigWatch> => {
  const read = (): Promise<string> => runtime.readTextFile(path).catch(() => '');
  let seen = await read();
  let stopped = false;
  let cancel = (): void => undefined;

  const reload = async (): Promise<void> => {
    try {
      apply(await readConfigFile(path, runtime));
    } catch (error) {
      if (!(error instanceof CommandFailure)) throw error;
      reject(error.message.split('\n'));
    }
  };

  const look = async (): Promise<void> => {
    const text = await read();
    // A file that is gone or empty for a moment is being written.
    if (text !== '' && text !== seen) {
      seen = text;
      await reload();
    }
    if (!stopped) cancel = clock.after(lookEveryMs, () => void look());
  };

  cancel = clock.after(lookEveryMs, () => void look());
  return {
    reload,
    stop: () => {
      stopped = true;
      cancel();
    },
  };
};
