/** Paths that hold a model's name. May import spec and this folder. */

import type { Route } from './protocol.ts';

/** Stands in the path of a route where the name goes. */
const modelMark = '{model}';

/** What a path of such a kind says. */
export interface ModelRoute {
  readonly route: Route;
  /** Decoded. */
  readonly model: string;
}

/** Slashes and colons are a part of names, and as such they are honest in a path. */
const encoded = (model: string): string =>
  encodeURIComponent(model).replaceAll('%2F', '/').replaceAll('%3A', ':');

/** The path with a model's name in its place. */
export const fillModel = (path: string, model: string): string =>
  path.replace(modelMark, () => encoded(model));

const decoded = (text: string): string | undefined => {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
};

/**
 * Finds the route whose parts before and behind the name a path begins and ends with; a name may hold slashes and
 * colons of its own. Undefined where none fits.
 */
export const findModelRoute = (routes: readonly Route[], path: string): ModelRoute | undefined => {
  for (const route of routes) {
    const open = route.path.indexOf(modelMark);
    const prefix = route.path.slice(0, open);
    const suffix = route.path.slice(open + modelMark.length);
    if (!path.startsWith(prefix) || !path.endsWith(suffix)) continue;
    if (path.length <= prefix.length + suffix.length) continue;
    const model = decoded(path.slice(prefix.length, path.length - suffix.length));
    if (model !== undefined) return { route, model };
  }
  return undefined;
};

/** Whether a route holds a model's name between other parts, so that no table of paths finds it. */
export const holdsModel = ({ path }: Route): boolean => path.includes(`${modelMark}:`);
