/** What is checked before a request is routed: path, `Host`, `Origin`. A page in a browser must not reach a local model. */

import { GatewayError } from '../spec/gateway-error.ts';

export interface FrontDoorOptions {
  /** Host names accepted beside loopback, lower-cased, without port. */
  readonly allowedHosts: readonly string[];
  /** Origins accepted beside loopback ones, as browsers send them. */
  readonly allowedOrigins: readonly string[];
  /** Whether the listener is reachable from other machines, where people use its address. */
  readonly beyondLoopback: boolean;
}

/** The request's headers, by lower-cased name. */
export interface DoorHeaders {
  get(name: string): string | null;
}

export interface FrontDoor {
  /** Throws what is wrong with the request line and the headers; gives the origin, where the request names one. */
  check(path: string, headers: DoorHeaders): string | null;
}

const alwaysAllowed = new Set(['localhost', '127.0.0.1', '[::1]', 'host.docker.internal']);

/** A literal address cannot be re-bound to another host by DNS. */
const isAddress = (name: string): boolean =>
  /^\d{1,3}(\.\d{1,3}){3}$/.test(name) || /^\[[0-9a-f:.]+\]$/.test(name);

const nameOf = (host: string): string => host.toLowerCase().replace(/:\d{1,5}$/, '');

/** Ways to write one path in several forms; a rule for a path must not be passed by another spelling of it. */
const evasive = /\/\/|\/\.{1,2}(\/|$)|%2e|%5c|\\|;/i;

/** Whether a character below the space or DEL stands in the text, raw or percent-encoded. */
const hasControl = (text: string): boolean => {
  if (/%(0[0-9a-f]|1[0-9a-f]|7f)/i.test(text)) return true;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
};

/** Model names hold slashes, and SDKs encode them; nowhere else is an encoded slash honest. */
const modelPath = /^(\/[^/]+)?\/(api\/)?v1(beta)?\/models\//;

const checkPath = (path: string): void => {
  if (evasive.test(path) || hasControl(path) || (/%2f/i.test(path) && !modelPath.test(path))) {
    throw new GatewayError('invalid_request', 'the path holds characters that are not accepted');
  }
};

/** Builds the checks for one listener. */
export const createFrontDoor = ({
  allowedHosts,
  allowedOrigins,
  beyondLoopback,
}: FrontDoorOptions): FrontDoor => {
  const hosts = new Set([...alwaysAllowed, ...allowedHosts.map((name) => name.toLowerCase())]);
  const origins = new Set(allowedOrigins);

  const hostAllowed = (name: string): boolean =>
    hosts.has(name) || name.endsWith('.localhost') || (beyondLoopback && isAddress(name));

  const originAllowed = (origin: string, host: string | null): boolean => {
    if (origins.has(origin) || origins.has('*')) return true;
    const parts = /^https?:\/\/([^/]+)$/.exec(origin);
    const authority = parts?.[1];
    if (authority === undefined) return false;
    return authority.toLowerCase() === host?.toLowerCase() || hostAllowed(nameOf(authority));
  };

  // Nearly every request has the path and the host of the one before it, and the verdict on both never changes.
  let passedPath: string | undefined;
  let passedHost: string | undefined;

  return {
    check: (path, headers) => {
      if (path !== passedPath) {
        checkPath(path);
        passedPath = path;
      }
      const host = headers.get('host');
      if (host === null || host === '')
        throw new GatewayError('invalid_request', 'the Host header is missing');
      if (host !== passedHost) {
        if (!hostAllowed(nameOf(host))) {
          throw new GatewayError('forbidden', 'this Host is not allowed; add it to http.allowedHosts');
        }
        passedHost = host;
      }
      const origin = headers.get('origin');
      if (origin !== null && !originAllowed(origin, host)) {
        throw new GatewayError('forbidden', 'this Origin is not allowed; add it to http.allowedOrigins');
      }
      if (origin === null && headers.get('sec-fetch-site') === 'cross-site') {
        throw new GatewayError('forbidden', 'cross-site requests are not allowed');
      }
      return origin;
    },
  };
};
