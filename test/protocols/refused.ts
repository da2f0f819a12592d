/** What a call refuses with. */

import { GatewayError } from '../../src/spec/gateway-error.ts';

/** The code, field and words of a refusal; undefined where nothing was refused. Other exceptions pass. */
export const refused = (
  run: () => unknown,
): { readonly code: string; readonly param: string | undefined; readonly message: string } | undefined => {
  try {
    run();
    return undefined;
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return { code: error.code, param: error.details.param, message: error.message };
  }
};
