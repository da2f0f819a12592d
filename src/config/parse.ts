/** The configuration file from text to checked data; environment and files come in as arguments. Imports spec. */

import { type CheckedConfig, checkConfig } from './check-config.ts';
import { type ConfigSources, expand } from './expand.ts';
import { readYaml } from './read-yaml.ts';

/**
 * Reads a configuration file; an empty one is all defaults.
 * Never throws: what is wrong comes back as lines that name the place and hold no value.
 */
export const parseConfig = async (text: string, sources: ConfigSources): Promise<CheckedConfig> => {
  const yaml = readYaml(text);
  if ('problems' in yaml) return yaml;
  const { value, places, problems } = await expand(yaml.value ?? {}, sources);
  return problems.length > 0 ? { problems } : checkConfig(value, places);
};
