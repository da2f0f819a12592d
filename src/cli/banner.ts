/** What a person sees at start: what runs, on what, and lines to paste. */

import type { HealthReport } from '../http/fleet-report.ts';
import { version } from '../spec/version.ts';
import { table } from './table.ts';

export interface BannerFacts {
  readonly url: string;
  readonly source: string;
  readonly report: HealthReport;
  /** A model to name in the example; undefined when none is known. */
  readonly model: string | undefined;
  readonly keyed: boolean;
}

const stateOf = ({ state, reason }: HealthReport['backends'][number]): string =>
  state === 'down' ? `down (${reason ?? 'no answer'})` : state;

const clientHost = (url: string): string => url.replace(/^http:\/\//, '');

/** The text, plain enough for a log file. */
export const banner = ({ url, source, report, model, keyed }: BannerFacts): string => {
  const rows = report.backends.map((backend) => [
    `  ${backend.backend}`,
    backend.preset === undefined || backend.preset === 'generic'
      ? backend.kind
      : `${backend.kind} (${backend.preset})`,
    backend.lane,
    stateOf(backend),
    String(backend.models),
    backend.url ?? '',
    backend.simulated ? 'simulated' : '',
  ]);
  // In double quotes, since the shell must put the key in.
  const auth = keyed ? ' -H "Authorization: Bearer $POINTSMAN_KEY"' : '';
  const body = `{"model":"${model ?? 'MODEL'}","stream":true,"messages":[{"role":"user","content":"Hello"}]}`;
  return [
    `pointsman ${version} listens on ${url}${report.simulated ? '  [simulated: no real model answers here]' : ''}`,
    `backends from ${source}:`,
    table(['  NAME', 'KIND', 'LANE', 'STATE', 'MODELS', 'URL', ''], rows).trimEnd(),
    '',
    'Paste into a client:',
    `  OpenAI base URL   ${url}/v1`,
    `  Ollama            OLLAMA_HOST=${clientHost(url)}`,
    `  curl              curl -N ${url}/v1/chat/completions -H 'Content-Type: application/json'${auth} -d '${body}'`,
    '',
    '',
  ].join('\n');
};
