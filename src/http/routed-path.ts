/** From the URL as it came to the path that is routed. */

import type { Keys } from './keys.ts';

/** The path of an absolute URL without its query; cut, not parsed, since only the path is believed. */
export const pathOf = (url: string): string => {
  const start = url.indexOf('/', url.indexOf('://') + 3);
  if (start < 0) return '/';
  const query = url.indexOf('?', start);
  const hash = url.indexOf('#', start);
  const end = Math.min(query < 0 ? url.length : query, hash < 0 ? url.length : hash);
  return url.slice(start, end);
};

/** A member of a URL's query; undefined where it has none. */
export const queryMember = (url: string, name: string): string | undefined => {
  const start = url.indexOf('?');
  return start < 0 ? undefined : (new URLSearchParams(url.slice(start + 1)).get(name) ?? undefined);
};

/** Base URLs are pasted with and without `/v1`; a redirect would lose a POST's body, so the doubled one is served. */
const straightened = (path: string): string => {
  const single = path.startsWith('/v1/v1/') ? path.slice(3) : path;
  return single.length > 1 && single.endsWith('/') ? single.slice(0, -1) : single;
};

/** Takes a key off the front of the path, for clients that can send no header. */
export const routedPath = (
  path: string,
  keys: Keys,
): { readonly path: string; readonly key: string | undefined } => {
  if (!keys.required) return { path: straightened(path), key: undefined };
  const end = path.indexOf('/', 1);
  const first = end < 0 ? path.slice(1) : path.slice(1, end);
  if (first === '' || !keys.matches(first)) return { path: straightened(path), key: undefined };
  return { path: straightened(end < 0 ? '/' : path.slice(end)), key: first };
};
