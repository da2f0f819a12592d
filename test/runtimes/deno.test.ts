/** The suite on Deno. */

import { runSuite } from './suite.ts';
import { targets } from './target.ts';

runSuite(targets.deno);
