/** `pointsman mode`: which backends may be used at all, shown or switched while Pointsman runs. */

import type { InstanceOptions } from '../instance.ts';
import { callRunning } from '../running-instance.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';

export interface ModeOptions extends InstanceOptions {
  readonly json?: boolean;
}

/** What the API answers, whether asked or told. */
export interface ModePage {
  readonly mode: string;
  readonly modes: readonly { readonly name: string; readonly summary: string }[];
}

const path = '/api/v1/mode';

/** Prints the mode in force, after switching to the named one. */
export const mode = async (
  name: string | undefined,
  options: ModeOptions,
  runtime: Runtime,
): Promise<void> => {
  const page =
    name === undefined
      ? await callRunning<ModePage>({ method: 'GET', path }, options, runtime)
      : await callRunning<ModePage>({ method: 'PUT', path, body: { mode: name } }, options, runtime);
  if (options.json === true) {
    runtime.out(`${JSON.stringify(page, null, 2)}\n`);
    return;
  }
  const rows = page.modes.map((each) => [each.name === page.mode ? '*' : '', each.name, each.summary]);
  runtime.out(table(['', 'MODE', 'WHAT IT MEANS'], rows));
};
