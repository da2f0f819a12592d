/** `pointsman models`: which backend has which model, and where it is loaded. */

import { type ModelReport, modelReports } from '../../http/fleet-report.ts';
import type { ModelGroup } from '../../spec/choice.ts';
import type { ExitCode } from '../exit.ts';
import { askInstance, type InstanceOptions } from '../instance.ts';
import type { Runtime } from '../runtime.ts';
import { table } from '../table.ts';
import { plainText } from '../words.ts';

export interface ModelsOptions extends InstanceOptions {
  readonly json?: boolean;
  readonly tiers?: boolean;
}

interface ModelsPage {
  readonly models: readonly ModelReport[];
}

const mark = ({ state, loaded }: ModelReport['backends'][number]): string =>
  state === 'down' ? 'down' : loaded ? 'loaded' : 'on disk';

interface GroupsPage {
  readonly groups: readonly ModelGroup[];
}

const groupRows = ({ name, tiers, thresholds }: ModelGroup): readonly (readonly string[])[] =>
  tiers.map((tier, index) => [
    name,
    tier.name,
    index === 0 ? '0.00' : (thresholds[index - 1] ?? 0).toFixed(2),
    tier.models.map(plainText).join(', '),
  ]);

const tiers = async (options: ModelsOptions, runtime: Runtime): Promise<ExitCode> => {
  const page = await askInstance<GroupsPage>(
    '/api/v1/groups',
    (app) => ({ groups: app.gateway.fleet.groups() }),
    options,
    runtime,
  );
  if (options.json === true) runtime.out(`${JSON.stringify(page, null, 2)}\n`);
  else runtime.out(table(['GROUP', 'TIER', 'FROM', 'MODELS'], page.groups.flatMap(groupRows)));
  return page.groups.some((group) => group.tiers.length > 0) ? 0 : 1;
};

/** Prints a matrix; 1 when a model has no backend that is up. */
export const models = async (options: ModelsOptions, runtime: Runtime): Promise<ExitCode> => {
  if (options.tiers === true) return await tiers(options, runtime);
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
