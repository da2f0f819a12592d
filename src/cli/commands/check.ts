/** `pointsman check`: the health of every backend. */

import { type HealthReport, healthReport } from '../../http/fleet-report.ts';
import type { ExitCode } from '../exit.ts';
import { askInstance, type InstanceOptions } from '../instance.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';

export interface CheckOptions extends InstanceOptions {
  readonly json?: boolean;
}

const rowOf = (backend: HealthReport['backends'][number]): readonly string[] => [
  backend.backend,
  backend.state === 'down' ? `down: ${backend.reason ?? 'no answer'}` : backend.state,
  backend.version ?? '-',
  backend.url ?? '-',
  backend.lane,
  backend.loaded.join(', ') || '-',
];

/** Prints the table; 1 when something is down. */
export const check = async (options: CheckOptions, runtime: Runtime): Promise<ExitCode> => {
  const report = await askInstance<HealthReport>(
    '/health',
    (app) => healthReport(app.gateway, 'shown'),
    options,
    runtime,
  );
  const titles = ['BACKEND', 'STATUS', 'VERSION', 'URL', 'LANE', 'LOADED'];
  runtime.out(
    options.json === true
      ? `${JSON.stringify(report, null, 2)}\n`
      : table(titles, report.backends.map(rowOf)),
  );
  return report.backends.every(({ state }) => state === 'up') ? 0 : 1;
};
