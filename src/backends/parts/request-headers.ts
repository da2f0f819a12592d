/** The headers every request to one backend carries. Imports spec and this folder. */

import { GatewayError } from '../../spec/gateway-error.ts';
import type { BackendOptions } from '../../spec/settings.ts';
import { asBearer, type KeyCarrier } from './key-carrier.ts';

/** They belong to one connection or to the bytes of one body, and what sends them sets them. */
const refusedNames: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'host',
  'content-length',
  'content-type',
  'content-encoding',
  'accept-encoding',
]);

/** Any line break or control character would let a value become a header of its own. */
const isCarriable = (value: string): boolean => {
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if ((code < 0x20 && code !== 0x09) || code === 0x7f || code > 0xff) return false;
  }
  return true;
};

/** Why a configured header cannot be sent, or undefined when it can. */
export const headerProblem = (name: string, value: string): string | undefined => {
  if (!/^[\w!#$%&'*+.^`|~-]+$/.test(name)) return 'is not a header name';
  if (refusedNames.has(name.toLowerCase())) return 'is set by the connection itself and cannot be configured';
  return isCarriable(value) ? undefined : 'holds a character that no header can carry';
};

/**
 * Built once per key of a backend. A configured header wins over a default, so that a key can travel as something else
 * than its kind has it; throws a `GatewayError` naming the header, never its value.
 */
export const requestHeaders = (
  { id, apiKey, headers = {} }: BackendOptions,
  accept: string,
  carry: KeyCarrier = asBearer,
): Readonly<Record<string, string>> => {
  const built: Record<string, string> = {
    'content-type': 'application/json',
    accept,
    // The runtimes decode silently, and compressed streams come in lumps.
    'accept-encoding': 'identity',
  };
  const add = (name: string, value: string, param: string): void => {
    const problem = headerProblem(name, value);
    if (problem !== undefined) {
      throw new GatewayError('invalid_request', `backends.${id}.${param} ${problem}`, { param });
    }
    built[name.toLowerCase()] = value;
  };
  if (apiKey !== undefined && apiKey !== '') {
    const [name, value] = carry(apiKey);
    add(name, value, 'apiKey');
  }
  for (const [name, value] of Object.entries(headers)) add(name, value, `headers.${name}`);
  return built;
};
