/** A port of this machine that was free a moment ago. */

/** Asks the system for one and gives it back at once. */
export const freePort = (): number => {
  const listener = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data: () => undefined } });
  const { port } = listener;
  listener.stop(true);
  return port;
};
