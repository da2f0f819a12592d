/** The address forms that engines' environment variables take, as base URLs. */

import { backendUrlProblem, normalisedUrl } from './backend-url.ts';

/** What an address was read as. */
export type EngineAddress = { readonly url: string } | { readonly problem: string };

const form =
  /^(https?:\/\/)?(\[[0-9a-f:.]+\]|[0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*|[^/:?#]*)(?::(\d*))?(\/(?!\/)[^?#]*)?$/i;

const reachable = (host: string): string => {
  const bare = host.replace(/^\[|\]$/g, '');
  if (bare === '' || bare === '0.0.0.0') return '127.0.0.1';
  if (bare === '::') return '[::1]';
  return bare.includes(':') ? `[${bare}]` : bare;
};

/**
 * Reads `host`, `host:port`, `:port`, an IPv6 address with or without brackets, or a URL, as `OLLAMA_HOST` takes them.
 * A server's "any address" becomes loopback, since that is where it can be asked; as Ollama has it, a URL with a
 * scheme and no port means the scheme's port. A trailing path of an API below the base is cut off.
 */
export const engineAddress = (
  text: string,
  engine: { readonly port: number; readonly apiPath: RegExp },
): EngineAddress => {
  const problem = 'must be host, host:port or an http:// or https:// URL';
  const plain = text.trim().replace(/^["']|["']$/g, '');
  const match = plain.includes('@') ? null : form.exec(plain);
  if (match === null) {
    const said = /^https?:\/\//i.test(plain) ? backendUrlProblem(plain) : undefined;
    return { problem: said ?? problem };
  }
  const [, scheme, host = '', digits = '', path = ''] = match;
  if (host === '' && digits === '' && path !== '') return { problem };
  const usualPort = scheme === undefined ? `:${engine.port}` : '';
  const base = `${scheme ?? 'http://'}${reachable(host)}${digits === '' ? usualPort : `:${digits}`}`;
  const url = `${base}${path.replace(/\/+$/, '').replace(engine.apiPath, '')}`;
  return backendUrlProblem(url) === undefined ? { url: normalisedUrl(url) } : { problem };
};

/** A key that two base URLs share when they are one endpoint: every name of loopback is the same place. */
export const endpointKey = (url: string): string => {
  const { protocol, hostname, host, pathname } = new URL(url);
  const port = host.slice(hostname.length);
  const near = /^(localhost\.?|127\.0\.0\.1|\[::1\])$/.test(hostname);
  return `${protocol}//${near ? 'loopback' : hostname}${port}${pathname.replace(/\/+$/, '')}`;
};
