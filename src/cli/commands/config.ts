/** `pointsman config print|schema`: what is in force, and what may be written. */

import { configJsonSchema } from '../../config/json-schema.ts';
import { printConfig, withoutSecrets } from '../../config/print.ts';
import { loadConfig } from '../load-config.ts';
import type { Runtime } from '../runtime.ts';

/** The configuration as understood, defaults filled in and secrets masked. */
export const configPrint = async (
  options: { readonly config?: string; readonly json?: boolean },
  runtime: Runtime,
): Promise<void> => {
  const { config } = await loadConfig(options.config, runtime);
  runtime.out(
    options.json === true ? `${JSON.stringify(withoutSecrets(config), null, 2)}\n` : printConfig(config),
  );
};

/** The JSON Schema an editor completes with. */
export const configSchemaText = (runtime: Runtime): void => {
  runtime.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
};
