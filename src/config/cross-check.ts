/** What one key alone cannot get wrong. Imports backends and core. */

import { headerProblem } from '../backends/parts/request-headers.ts';
import { backendKinds } from '../backends/registry.ts';
import { autoProblems } from './auto-check.ts';
import { parseListen } from './listen.ts';
import { isLoopbackHost } from './local-host.ts';
import { pathText } from './path-text.ts';
import { policyProblems } from './policy-check.ts';
import { suggestion } from './problem-lines.ts';
import type { Config } from './schema.ts';

const kindNames = backendKinds.map(({ kind }) => kind);

const listensAt = (listen: string, url: string): boolean => {
  const own = parseListen(listen);
  if (own === undefined) return false;
  const { hostname, port, protocol } = new URL(url);
  if (Number(port || (protocol === 'https:' ? 443 : 80)) !== own.port) return false;
  const wide = own.hostname === '0.0.0.0' || own.hostname === '::';
  if (isLoopbackHost(hostname)) return wide || isLoopbackHost(own.hostname);
  return hostname.replace(/^\[|\]$/g, '') === own.hostname;
};

const backendProblems = (config: Config): readonly string[] => {
  const problems: string[] = [];
  for (const [id, backend] of Object.entries(config.backends)) {
    const at = pathText(['backends', id]);
    const presets = backendKinds.find(({ kind }) => kind === backend.kind)?.presets ?? [];
    // Such an id would be found on any plain object that is looked up by id.
    if (Object.hasOwn(Object.prototype, id)) problems.push(`${at}: this id is reserved`);
    if (kindNames.includes(id) && id !== backend.kind)
      problems.push(`${at}: this id is the name of another kind`);
    if (backend.preset !== undefined && !presets.includes(backend.preset)) {
      problems.push(`${at}.preset: is not a preset of the kind ${backend.kind}`);
    }
    if (listensAt(config.listen, backend.url)) {
      problems.push(`${at}.url: is the address Pointsman itself listens on`);
    }
    const keys = [backend.apiKey ?? '', ...(backend.apiKeys ?? [])].filter((key) => key !== '');
    if (new Set(keys).size < keys.length) problems.push(`${at}.apiKeys: holds the same key twice`);
    const { minMs = 0, maxMs = Infinity } = backend.keepAlive ?? {};
    if (maxMs < minMs) problems.push(`${at}.keepAlive.maxMs: is below ${at}.keepAlive.minMs`);
    for (const [header, value] of Object.entries(backend.headers ?? {})) {
      const problem = headerProblem(header, value);
      if (problem !== undefined)
        problems.push(`${pathText(['backends', id, 'headers', header])}: ${problem}`);
    }
  }
  return problems;
};

const modelProblems = (config: Config): readonly string[] => {
  const problems: string[] = [];
  const places = [...new Set([...Object.keys(config.backends), ...kindNames])];
  // Models are asked for without regard to case, so names that differ in case alone are the same.
  const taken = new Map<string, string>();
  const take = (name: string, at: string): void => {
    const owner = taken.get(name.toLowerCase());
    if (owner === undefined) taken.set(name.toLowerCase(), at);
    else problems.push(`${at}: the same name as ${owner}`);
  };
  for (const name of Object.keys(config.models)) take(name, pathText(['models', name]));
  for (const [name, model] of Object.entries(config.models)) {
    for (const [index, alias] of model.aliases.entries())
      take(alias, pathText(['models', name, 'aliases', index]));
    const { preferred } = model;
    const named = Object.keys(model.names).map((place) => [place, ['models', name, 'names', place]] as const);
    const all =
      preferred === undefined ? named : [...named, [preferred, ['models', name, 'preferred']] as const];
    for (const [place, path] of all) {
      if (!places.includes(place))
        problems.push(`${pathText(path)}: is neither a backend nor a kind${suggestion(place, places)}`);
    }
  }
  return problems;
};

const keyProblems = (config: Config): readonly string[] => {
  const problems: string[] = [];
  const names = new Map<string, string>();
  const secrets = new Map<string, string>();
  for (const [index, { name, key }] of config.auth.keys.entries()) {
    const at = pathText(['auth', 'keys', index]);
    const sameName = names.get(name);
    const sameSecret = secrets.get(key);
    if (name === 'anonymous') problems.push(`${at}.name: is what callers without a key are called`);
    if (sameName !== undefined) problems.push(`${at}.name: the same name as ${sameName}`);
    if (sameSecret !== undefined) problems.push(`${at}.key: the same key as ${sameSecret}`);
    names.set(name, at);
    secrets.set(key, at);
  }
  return problems;
};

const timeProblems = ({ heartbeat, timeouts, breaker }: Config): readonly string[] => {
  const problems: string[] = [];
  if (heartbeat.afterMs >= timeouts.firstContentMs) {
    problems.push(
      'heartbeat.afterMs: is not below timeouts.firstContentMs, so no heartbeat could be sent; 0 turns them off',
    );
  }
  if (breaker.maxOpenMs < breaker.openMs) problems.push('breaker.maxOpenMs: is below breaker.openMs');
  return problems;
};

/** Each node of a cluster is looked at by itself, for all of them together are no URL. */
const isOpenable = (url: string): boolean => {
  const [, scheme = '', login = '', nodes = '', path = ''] =
    /^(\w+)(?:\+cluster)?:\/\/([^/]*@)?([^/]*)(.*)$/.exec(url) ?? [];
  const all = url.includes('+cluster://') ? nodes.split(',') : [nodes];
  return all.every((node) => URL.canParse(`${scheme}://${login}${node}${path}`) && node !== '');
};

const stateProblems = ({ state, auth }: Config): readonly string[] => {
  const { driver, url, path, ca, key, advertise, secret, findPeers, peerKey } = state;
  const problems: string[] = [];
  const forms = { redis: /^redis/, http: /^http/ } as const;
  if (driver === 'redis' || driver === 'http') {
    if (url === undefined) problems.push(`state.url: is needed for the driver ${driver}`);
    else if (!forms[driver].test(url)) problems.push(`state.url: is no address for the driver ${driver}`);
    else if (!isOpenable(url)) problems.push('state.url: has a host or a port that cannot be one');
  } else if (url !== undefined) problems.push(`state.url: is of no use for the driver ${driver}`);
  if (driver === 'fs' && path === undefined) problems.push('state.path: is needed for the driver fs');
  if (driver !== 'fs' && path !== undefined)
    problems.push(`state.path: is of no use for the driver ${driver}`);
  if (ca !== undefined && (driver !== 'redis' || url?.startsWith('rediss') !== true))
    problems.push('state.ca: is of no use but for rediss:// and rediss+cluster://');
  if (driver !== 'http' && key !== undefined)
    problems.push(`state.key: is of no use for the driver ${driver}`);
  if (findPeers && secret === undefined)
    problems.push('state.findPeers: needs state.secret, or whoever can write there would be sent requests');
  if (peerKey !== undefined && !findPeers)
    problems.push('state.peerKey: is of no use without state.findPeers');
  const isServed = auth.keys.length === 0 || auth.keys.some(({ scopes }) => scopes.includes('cluster'));
  if (advertise !== undefined && driver === 'memory' && !isServed)
    problems.push('state.advertise: nobody can read it, for no key has the scope cluster');
  return problems;
};

/** Every contradiction between keys that are each right alone, one line each. */
export const crossCheck = (config: Config): readonly string[] => [
  ...backendProblems(config),
  ...modelProblems(config),
  ...keyProblems(config),
  ...timeProblems(config),
  ...policyProblems(config),
  ...stateProblems(config),
  ...autoProblems(config),
];
