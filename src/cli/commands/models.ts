/** `pointsman models`: which backend has which model, and where it is loaded. */

import { type ModelReport, modelReports } from '../../http/fleet-report.ts';
import type { ExitCode } from '../exit.ts';
import { askInstance, type InstanceOptions } from '../instance.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';

export interface ModelsOptions extends InstanceOptions {
  readonly json?: boolean;
}

interface ModelsPage {
  readonly models: readonly ModelReport[];
}

const mark = ({ state, loaded }: ModelReport['backends'][number]): string =>
  state === 'down' ? 'down' : loaded ? 'loaded' : 'on disk';

/** Prints a matrix; 1 when a model has no backend that is up. */
export const models = async (options: ModelsOptions, runtime: Runtime): Promise<ExitCode> => {
  const direct = (app: Parameters<Parameters<typeof askInstance>[1]>[0]): ModelsPage => ({
    models: modelReports(app.gateway.fleet),
  });
  const page = await askInstance<ModelsPage>('/api/v1/models/backends', direct, options, runtime);
  const down = page.models.some(({ available }) => !available);
  if (options.json === true) runtime.out(`${JSON.stringify(page, null, 2)}\n`);
  else {
    const backends = [
      ...new Set(page.models.flatMap((model) => model.backends.map(({ backend }) => backend))),
    ].sort();
    const rows = page.models.map((model) => [
      model.model,
      ...backends.map((id) => {
        const place = model.backends.find(({ backend }) => backend === id);
        return place === undefined ? '-' : mark(place);
      }),
    ]);
    runtime.out(table(['MODEL', ...backends.map((id) => id.toUpperCase())], rows));
  }
  return down ? 1 : 0;
};
