/** Pointsman on Bun, and the entry of the compiled binary. May import `src/cli` and its own runtime. */

// First, so that a restart happens before the program is evaluated.
import './bun-restart.ts';
import { main } from '../src/cli/main.ts';
import { runtime } from './bun-runtime.ts';
import { start } from './local-process.ts';

start(main, runtime);
