/** The configuration as a person may see it: whole, with every default, without a secret. Imports `yaml`. */

import { stringify } from 'yaml';
import { escapeExpansions } from './expand.ts';
import type { Config } from './schema.ts';

const mask = '***';

/** An empty one is no secret, and says something. */
const masked = (key: string): string => (key === '' ? '' : mask);

/** Replaces every key and every header value, since any header may carry one. */
export const withoutSecrets = (config: Config): Config => {
  const backends = Object.entries(config.backends).map(([id, { apiKey, apiKeys, headers, ...backend }]) => {
    const names = Object.keys(headers ?? {});
    const shown = {
      ...backend,
      ...(apiKey === undefined ? {} : { apiKey: masked(apiKey) }),
      ...(apiKeys === undefined ? {} : { apiKeys: apiKeys.map(masked) }),
      ...(headers === undefined ? {} : { headers: Object.fromEntries(names.map((name) => [name, mask])) }),
    };
    return [id, shown] as const;
  });
  const keys = config.auth.keys.map((key) => ({ ...key, key: mask }));
  const { url, key, secret, peerKey } = config.state;
  const state = {
    ...config.state,
    // A server's address may hold its password.
    ...(url === undefined ? {} : { url: url.replace(/\/\/[^@/]*@/, `//${mask}@`) }),
    ...(key === undefined ? {} : { key: mask }),
    ...(secret === undefined ? {} : { secret: mask }),
    ...(peerKey === undefined ? {} : { peerKey: mask }),
  };
  return { ...config, state, backends: Object.fromEntries(backends), auth: { ...config.auth, keys } };
};

/** Writes a configuration as YAML that reads back as the same one, but for the masked secrets. */
export const printConfig = (config: Config): string =>
  stringify(
    withoutSecrets(config),
    (_, value: unknown) => (typeof value === 'string' ? escapeExpansions(value) : value),
    { aliasDuplicateObjects: false, lineWidth: 0 },
  );
