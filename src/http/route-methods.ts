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
  '/api/v1/cluster',
  '/state/keys',
];

const exact = new Map<string, Set<string>>();
/** Paths with a model's name in them, by what stands around it. */
const around: { readonly prefix: string; readonly suffix: string; readonly method: string }[] = [];

const add = (path: string, method: string): void => {
  const open = path.indexOf('{model}');
  if (open < 0) {
    exact.set(path, (exact.get(path) ?? new Set()).add(method));
    return;
  }
  around.push({ prefix: path.slice(0, open), suffix: path.slice(open + '{model}'.length), method });
};

for (const { routes } of protocols) for (const { path, method } of routes) add(path, method);
for (const path of ['/', ...readPaths]) add(path, 'GET');
add('/api/v1/mode', 'PUT');
add('/api/v1/route', 'POST');
add('/state/read', 'POST');
add('/state/write', 'PUT');
add('/state/remove', 'PUT');
add('/api/event_logging/batch', 'POST');

/** A model's own pages; its name stands in the middle. */
const modelPages = /^\/api\/v1\/models\/.+\/(status|metrics)$/;
const modelActions = /^\/api\/v1\/models\/.+\/(load|unload)$/;
const decisionPages = /^\/api\/v1\/decisions\/[^/]+$/;
const storedResponse = /^\/v1\/responses\/[^/]+$/;
const inputItems = /^\/v1\/responses\/[^/]+\/input_items$/;

const methodsAround = (path: string): ReadonlySet<string> =>
  new Set(
    around.flatMap(({ prefix, suffix, method }) =>
      path.startsWith(prefix) && path.endsWith(suffix) && path.length > prefix.length + suffix.length
        ? [method]
        : [],
    ),
  );

/** The methods of a path; empty when there is no such path. */
export const methodsOf = (path: string): readonly string[] => {
  if (modelPages.test(path) || decisionPages.test(path) || inputItems.test(path)) return ['GET', 'HEAD'];
  if (storedResponse.test(path) && !exact.has(path)) return ['GET', 'HEAD', 'DELETE'];
  if (modelActions.test(path)) return ['POST'];
  const methods = exact.get(path) ?? methodsAround(path);
  if (methods.size === 0) return [];
  return methods.has('GET') ? [...new Set([...methods, 'HEAD'])] : [...methods];
};
