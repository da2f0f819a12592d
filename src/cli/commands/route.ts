/** `pointsman route`: where a request would go, and why; nothing is sent to any backend. */

import type { Decision } from '../../spec/decision.ts';
import { decisionText } from '../decision-text.ts';
import { CommandFailure, type ExitCode } from '../exit.ts';
import type { InstanceOptions } from '../instance.ts';
import { readFile } from '../read-file.ts';
import { callRunning } from '../running-instance.ts';
import type { Runtime } from '../runtime.ts';

export interface RouteOptions extends InstanceOptions {
  readonly json?: boolean;
  readonly explain?: string;
  readonly model?: string;
  readonly body?: string;
  readonly intent?: string;
  readonly policy?: string;
  readonly local?: boolean;
}

const fileBody = async (path: string, runtime: Runtime): Promise<object> => {
  const text = await readFile(path, runtime);
  try {
    const body: unknown = await new Response(text).json();
    if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  } catch {
    // Told below, as is JSON of another kind.
  }
  throw new CommandFailure(2, `${path}: is not a JSON object`);
};

const bodyOf = async (options: RouteOptions, runtime: Runtime): Promise<object> => {
  const { explain, model, body, intent } = options;
  if ((explain === undefined) === (body === undefined))
    throw new CommandFailure(2, 'give either --explain with a prompt or --body with a file');
  const said = {
    ...(model === undefined ? {} : { model }),
    ...(intent === undefined ? {} : { intent }),
  };
  if (body !== undefined) return { ...(await fileBody(body, runtime)), ...said };
  if (model === undefined) throw new CommandFailure(2, '--explain needs --model');
  return { ...said, stream: true, messages: [{ role: 'user', content: explain }] };
};

/** Prints the plan; 1 when no backend could serve the request. */
export const route = async (options: RouteOptions, runtime: Runtime): Promise<ExitCode> => {
  const { policy, local } = options;
  const headers = {
    ...(policy === undefined ? {} : { 'x-pointsman-policy': policy }),
    ...(local === true ? { 'x-pointsman-zone': 'local' } : {}),
  };
  const body = await bodyOf(options, runtime);
  const call = { method: 'POST', path: '/api/v1/route', body, headers } as const;
  const decision = await callRunning<Decision>(call, options, runtime);
  runtime.out(options.json === true ? `${JSON.stringify(decision, null, 2)}\n` : decisionText(decision));
  return decision.rounds.some(({ ranked }) => ranked.length > 0) ? 0 : 1;
};
