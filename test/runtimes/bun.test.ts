/** The suite on Bun. */

import { runSuite } from './suite.ts';
import { targets } from './target.ts';

runSuite(targets.bun);
