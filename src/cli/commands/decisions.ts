/** `pointsman decisions`: the last requests and where they went, and why one of them went there. */

import type { Decision, DecisionEnd } from '../../spec/decision.ts';
import { decisionText } from '../decision-text.ts';
import type { InstanceOptions } from '../instance.ts';
import { callRunning } from '../running-instance.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';
import { durationText, plainText } from '../words.ts';

export interface DecisionsOptions extends InstanceOptions {
  readonly json?: boolean;
}

/** What the API lists, newest first. */
interface DecisionsPage {
  readonly decisions: readonly {
    readonly requestId: string;
    readonly atUnixMs: number;
    readonly model: string;
    readonly backend?: string;
    readonly attempts: number;
    readonly why: string;
    readonly end?: DecisionEnd;
  }[];
}

const path = '/api/v1/decisions';

const titles = ['AT', 'REQUEST ID', 'MODEL', 'BACKEND', 'ENDED', 'FIRST CONTENT', 'TOOK', 'WHY'];

const listText = ({ decisions: all }: DecisionsPage): string => {
  if (all.length === 0) return 'no request was placed yet\n';
  const rows = all.map(({ requestId, atUnixMs, model, backend, why, end }) => [
    new Date(atUnixMs).toISOString().slice(11, 19),
    plainText(requestId),
    plainText(model),
    backend ?? '-',
    end === undefined ? 'runs' : `${end.outcome} (${end.code})`,
    durationText(end?.firstContentMs),
    durationText(end?.durationMs),
    why,
  ]);
  return table(titles, rows);
};

/** Prints the list, or the decision on one request; as JSON that is one line, as `replay` reads it. */
export const decisions = async (
  requestId: string | undefined,
  options: DecisionsOptions,
  runtime: Runtime,
): Promise<void> => {
  if (requestId === undefined) {
    const page = await callRunning<DecisionsPage>({ method: 'GET', path }, options, runtime);
    runtime.out(options.json === true ? `${JSON.stringify(page, null, 2)}\n` : listText(page));
    return;
  }
  const one = { method: 'GET', path: `${path}/${encodeURIComponent(requestId)}` } as const;
  const decision = await callRunning<Decision>(one, options, runtime);
  runtime.out(options.json === true ? `${JSON.stringify(decision)}\n` : decisionText(decision));
};
