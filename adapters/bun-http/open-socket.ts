/** Opens a socket in a way that can be given up while it is being opened. Imports what Bun brings. */

import { connect } from 'node:net';

export interface OpenSocketOptions<Data> {
  readonly hostname: string;
  readonly port: number;
  readonly data: Data;
  /** `open` is called for the socket once it stands. */
  readonly handlers: Bun.SocketHandler<Data>;
  /** Called with Bun's own error where no connection came about. */
  readonly fail: (error: unknown) => void;
}

/**
 * `Bun.connect` gives nothing to end an attempt with, and a host that lost its power would hold each one for two
 * minutes. What `node:net` opens is the same socket of Bun below, which is taken over when it stands; a Bun that
 * keeps it to itself is asked in its own way.
 */
const takeOver = <Data>(socket: object, { data, handlers }: OpenSocketOptions<Data>): boolean => {
  const { _handle: handle } = socket as { readonly _handle?: Partial<Bun.Socket<Data>> };
  if (typeof handle?.reload !== 'function' || typeof handle.terminate !== 'function') return false;
  const taken = handle as Bun.Socket<Data>;
  taken.data = data;
  taken.reload({ socket: handlers });
  handlers.open?.(taken);
  return true;
};

/** Both, whatever the system's table says of the name: an engine may listen on either. */
const loopback = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Begins to open; the returned function gives up at once and must not be called once the socket stands. */
export const openSocket = <Data>(options: OpenSocketOptions<Data>): (() => void) => {
  const { hostname, port, data, handlers, fail } = options;
  const opening = connect({
    host: hostname,
    port,
    autoSelectFamily: true,
    ...(hostname === 'localhost' ? { lookup: (_name, _options, tell) => tell(null, loopback) } : {}),
  });
  opening.once('error', fail);
  opening.once('connect', () => {
    opening.off('error', fail);
    if (takeOver(opening, options)) return;
    opening.destroy();
    Bun.connect({ hostname, port, data, socket: handlers }).catch(fail);
  });
  return () => {
    // An error that is already on its way has nobody to go to.
    opening.off('error', fail);
    opening.on('error', () => undefined);
    opening.destroy();
  };
};
