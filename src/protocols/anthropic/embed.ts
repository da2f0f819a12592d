/** This dialect has no embeddings: whoever wants some is told so. May import spec. */

import { GatewayError } from '../../spec/gateway-error.ts';

const refuse = (): never => {
  throw new GatewayError('unprocessable', 'the engine behind this model makes no embeddings', {
    param: 'model',
  });
};

/** Nothing of it is ever reached by a route; a model that is said to embed is refused before it is asked. */
export const embed = { parse: refuse, render: refuse, decode: refuse, encode: refuse };
