/** The suite on the compiled program. */

import { builtBinary } from './built.ts';
import { runSuite } from './suite.ts';
import { binaryTarget } from './target.ts';

runSuite(binaryTarget(builtBinary()));
