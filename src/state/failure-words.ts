/** Why a call on a store failed, in words of our own: what a driver says may hold an address. Imports core. */

import { classifyTransport } from '../core/outcome.ts';
import { StoreProblem } from './store-problem.ts';

/** Said of a failure of which nothing is known. */
export const unknownFailure = 'the store refuses or cannot be reached';

/** How Redis begins what it says, and how an operating system calls what is wrong with a folder. */
const words: ReadonlyMap<string, string> = new Map([
  ['WRONGPASS', 'the store refuses the password'],
  ['NOAUTH', 'the store asks for a password'],
  ['NOPERM', 'the store does not let this user do that'],
  ['OOM', 'the store is full'],
  ['MISCONF', 'the store cannot save and takes nothing'],
  ['READONLY', 'the store can only be read'],
  ['LOADING', 'the store is still starting'],
  ['CLUSTERDOWN', 'the cluster that is the store is down'],
  ['EACCES', 'the folder may not be used'],
  ['EPERM', 'the folder may not be used'],
  ['EROFS', 'the folder can only be read'],
  ['ENOSPC', 'the disk is full'],
  ['ENOTDIR', 'the path is no folder'],
  ['EEXIST', 'the path is no folder'],
  ['ENOENT', 'the folder cannot be made'],
]);

/** A phrase for logs and pages. */
export const failureWords = (error: unknown): string => {
  if (!(error instanceof Error)) return unknownFailure;
  if (error instanceof StoreProblem) return error.message;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = words.get(code) ?? words.get(/^[A-Z]+/.exec(error.message)?.[0] ?? '');
  if (known !== undefined) return known;
  const { text } = classifyTransport(error);
  return text === 'network error' ? unknownFailure : `the store cannot be reached: ${text}`;
};
