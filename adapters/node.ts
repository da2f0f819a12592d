/** Pointsman on Node. May import `src/cli` and its own runtime. */

import { main } from '../src/cli/main.ts';
import { start } from './local-process.ts';
import { runtime } from './node-runtime.ts';

start(main, runtime);
