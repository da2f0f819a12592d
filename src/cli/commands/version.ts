/** `pointsman version`. */

import { version as own } from '../../spec/version.ts';
import type { Runtime } from '../runtime.ts';

/** The version, and the runtime it runs on. */
export const version = (options: { readonly json?: boolean }, runtime: Runtime): void => {
  const facts = { version: own, runtime: runtime.name, runtimeVersion: runtime.version };
  runtime.out(
    options.json === true
      ? `${JSON.stringify(facts)}\n`
      : `pointsman ${own} (${runtime.name} ${runtime.version})\n`,
  );
};
