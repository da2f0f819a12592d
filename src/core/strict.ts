/** Whether a request may lose anything on its way: said by its body or by a header. Pure; imports spec. */

import { GatewayError } from '../spec/gateway-error.ts';
import type { Json } from '../spec/json.ts';

/** The header that says it. */
export const strictHeader = 'x-pointsman-strict';

/** The member of the body that says it, which no dialect has there. */
export const strictField = 'strict';

const words: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/** The body goes before the header. Throws `invalid_request` for what is neither yes nor no. */
export const isStrict = (body: Json | undefined, header: string | null): boolean => {
  if (body !== undefined && body !== null) {
    if (typeof body === 'boolean') return body;
    throw new GatewayError('invalid_request', 'strict must be true or false', { param: strictField });
  }
  if (header === null) return false;
  const said = words.get(header.trim().toLowerCase());
  if (said !== undefined) return said;
  throw new GatewayError('invalid_request', `${strictHeader} must be true or false`, { param: strictHeader });
};
