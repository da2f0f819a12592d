/** Pointsman on Deno. May import `src/cli` and its own runtime. */

import { main } from '../src/cli/main.ts';
import { runtime } from './deno-runtime.ts';
import { start } from './local-process.ts';

start(main, runtime);
