/** Files that a command was given. */

import { CommandFailure } from './exit.ts';
import type { Runtime } from './runtime.ts';

/** The text of a file; one that cannot be read is named. */
export const readFile = async (path: string, runtime: Runtime): Promise<string> => {
  try {
    return await runtime.readTextFile(path);
  } catch {
    throw new CommandFailure(2, `${path}: cannot be read`);
  }
};
