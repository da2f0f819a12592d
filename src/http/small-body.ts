/** The JSON object of a request that is no inference. */

import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, type JsonObject } from '../spec/json.ts';
import { InvalidJson, parseBody } from '../wire/json.ts';
import { type BodyLimits, readBody } from './body.ts';

/** Questions about models are short. */
const maxSmallBytes = 1024 * 1024;

/** Reads and parses; throws `invalid_request` where it is no JSON object. */
export const parseSmallBody = async (
  request: Request,
  limits: BodyLimits & { readonly maxDepth: number },
): Promise<JsonObject> => {
  const bytes = await readBody(request, { ...limits, maxBytes: Math.min(limits.maxBytes, maxSmallBytes) });
  try {
    const { value, large } = parseBody(bytes, { maxDepth: limits.maxDepth });
    if (large !== undefined) throw new GatewayError('payload_too_large', 'a text in the body is too long');
    const body = asObject(value);
    if (body !== undefined) return body;
  } catch (error) {
    if (!(error instanceof InvalidJson)) throw error;
    throw new GatewayError('invalid_request', `the body is not usable JSON: ${error.message}`);
  }
  throw new GatewayError('invalid_request', 'the body must be a JSON object');
};
