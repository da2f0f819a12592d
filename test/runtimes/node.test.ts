/** The suite on Node. */

import { runSuite } from './suite.ts';
import { targets } from './target.ts';

runSuite(targets.node);
