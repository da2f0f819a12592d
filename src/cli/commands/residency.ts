/** `pointsman load` and `pointsman unload`: brings a model into the memory of backends, or puts it out. */

import type { ExitCode } from '../exit.ts';
import type { InstanceOptions } from '../instance.ts';
import { callRunning } from '../running-instance.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';
import { durationText } from '../words.ts';

export interface ResidencyOptions extends InstanceOptions {
  readonly json?: boolean;
  readonly backend?: string;
}

/** What the API answers: one entry per backend that was asked. */
export interface ResidencyPage {
  readonly model: string;
  readonly backends: readonly {
    readonly backend: string;
    readonly state: 'loaded' | 'unloaded' | 'failed';
    /** Why it failed, in words without an address. */
    readonly reason?: string;
    readonly tookMs: number;
  }[];
}

/** Longer than the longest load that is waited for. */
const timeoutMs = 310_000;

/** Prints what became of it on each backend; 1 when one failed. */
export const residency = async (
  what: 'load' | 'unload',
  model: string,
  options: ResidencyOptions,
  runtime: Runtime,
): Promise<ExitCode> => {
  const path = `/api/v1/models/${encodeURIComponent(model)}/${what}`;
  const body = options.backend === undefined ? {} : { backend: options.backend };
  const page = await callRunning<ResidencyPage>({ method: 'POST', path, body, timeoutMs }, options, runtime);
  const rows = page.backends.map(({ backend, state, reason, tookMs }) => [
    backend,
    reason === undefined ? state : `${state}: ${reason}`,
    durationText(tookMs),
  ]);
  runtime.out(
    options.json === true ? `${JSON.stringify(page, null, 2)}\n` : table(['BACKEND', 'STATE', 'TOOK'], rows),
  );
  return page.backends.some(({ state }) => state === 'failed') ? 1 : 0;
};
