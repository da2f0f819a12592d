/** `pointsman decisions`: why one of the last requests went where it went. */

import type { Decision } from '../../spec/decision.ts';
import { decisionText } from '../decision-text.ts';
import type { InstanceOptions } from '../instance.ts';
import { callRunning } from '../running-instance.ts';
import type { Runtime } from '../runtime.ts';

export interface DecisionsOptions extends InstanceOptions {
  readonly json?: boolean;
}

/** Prints the decision on a request; as JSON it is one line, as `replay` reads it. */
export const decisions = async (
  requestId: string,
  options: DecisionsOptions,
  runtime: Runtime,
): Promise<void> => {
  const path = `/api/v1/decisions/${encodeURIComponent(requestId)}`;
  const decision = await callRunning<Decision>({ method: 'GET', path }, options, runtime);
  runtime.out(options.json === true ? `${JSON.stringify(decision)}\n` : decisionText(decision));
};
