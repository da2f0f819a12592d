/** Where a request goes, out of its URL. Pure; imports nothing. */

export interface RequestTarget {
  /** As a socket wants it: an IPv6 address without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** As the `host` header wants it. */
  readonly host: string;
  /** Path and query as they stand in the request line. */
  readonly path: string;
}

/** Throws a `TypeError` with the code `ERR_INVALID_URL` for what is no URL. */
export const requestTargetOf = (url: string): RequestTarget => {
  const { hostname, port, host, pathname, search } = new URL(url);
  return {
    hostname: hostname.startsWith('[') ? hostname.slice(1, -1) : hostname,
    port: port === '' ? 80 : Number(port),
    host,
    path: `${pathname}${search}`,
  };
};
