/** What Node gives the program. May import `src/cli` and what Node brings. */

import process from 'node:process';
import type { Runtime } from '../src/cli/runtime.ts';
import { localProcess } from './local-process.ts';
import { fetchDirect } from './node-fetch.ts';
import { serve } from './node-serve.ts';

/** Node as a `Runtime`. */
export const runtime: Runtime = {
  name: 'node',
  version: process.versions.node,
  ...localProcess(),
  fetch: fetchDirect,
  serve,
};
