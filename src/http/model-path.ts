/** Names of models in the paths of Pointsman's own pages: they hold slashes and colons, encoded or not. */

import { GatewayError } from '../spec/gateway-error.ts';

/** Before the name. */
export const modelPrefix = '/api/v1/models/';

/** The name between the prefix and the page behind it, decoded. */
export const modelIn = (path: string, page: string): string => {
  try {
    return decodeURIComponent(path.slice(modelPrefix.length, path.length - page.length - 1));
  } catch {
    throw new GatewayError('invalid_request', 'the model name is not valid percent-encoding');
  }
};
