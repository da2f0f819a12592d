/** Which methods each path has, for the `Allow` of a 405; read from the same tables the routes are registered from. */

import { protocols } from '../protocols/registry.ts';

const readPaths: readonly string[] = [
  '/livez',
  '/readyz',
  '/health',
  '/stats',
  '/metrics',
  '/api/v1/models/backends',
  '/api/v1/models/available',
  '/api/v1/models/health',
  '/api/v1/mode',
  '/api/v1/decisions',
  '/api/v1/groups',
];

const exact = new Map<string, Set<string>>();
const prefixes: { readonly prefix: string; readonly methods: Set<string> }[] = [];

const add = (path: string, method: string): void => {
  const open = path.indexOf('{model}');
  if (open < 0) {
    exact.set(path, (exact.get(path) ?? new Set()).add(method));
    return;
  }
  const prefix = path.slice(0, open);
  const known = prefixes.find((entry) => entry.prefix === prefix);
  if (known === undefined) prefixes.push({ prefix, methods: new Set([method]) });
  else known.methods.add(method);
};

for (const { routes } of protocols) for (const { path, method } of routes) add(path, method);
for (const path of ['/', ...readPaths]) add(path, 'GET');
add('/api/v1/mode', 'PUT');
add('/api/v1/route', 'POST');
add('/api/v1/analyze', 'POST');
add('/v1/feedback', 'POST');

/** A model's own pages; its name stands in the middle. */
const modelPages = /^\/api\/v1\/models\/.+\/(status|metrics)$/;
const modelActions = /^\/api\/v1\/models\/.+\/(load|unload)$/;
const decisionPages = /^\/api\/v1\/decisions\/[^/]+$/;

/** The methods of a path; empty when there is no such path. */
export const methodsOf = (path: string): readonly string[] => {
  if (modelPages.test(path) || decisionPages.test(path)) return ['GET', 'HEAD'];
  if (modelActions.test(path)) return ['POST'];
  const methods =
    exact.get(path) ??
    prefixes.find(({ prefix }) => path.startsWith(prefix) && path.length > prefix.length)?.methods;
  if (methods === undefined) return [];
  return methods.has('GET') ? [...new Set([...methods, 'HEAD'])] : [...methods];
};
