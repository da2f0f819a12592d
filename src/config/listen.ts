/** The address to listen on, as text and as parts. Imports nothing. */

/** A host without brackets and a port; port 0 asks for any free one. */
export interface ListenAddress {
  readonly hostname: string;
  readonly port: number;
}

const form = /^(?:\[([0-9a-fA-F:.]+)\]|([A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)):(\d{1,5})$/;

/** Reads `host:port` or `[v6]:port`; undefined when it is neither, so that each caller words its own refusal. */
export const parseListen = (text: string): ListenAddress | undefined => {
  const match = form.exec(text);
  const port = Number(match?.[3]);
  const hostname = match?.[1] ?? match?.[2];
  if (hostname === undefined || port > 65_535) return undefined;
  return { hostname, port };
};
