/** The suite on the compiled program. */

import { buildBinary } from './build-binary.ts';
import { runSuite } from './suite.ts';
import { binaryTarget } from './target.ts';

runSuite(binaryTarget(buildBinary()));
