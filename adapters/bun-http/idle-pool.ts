/** Connections that wait for their next request, the latest used first. Pure; imports nothing. */

/** Less than the five seconds after which common model servers close theirs. */
const idleLimitMs = 4000;

/** Often enough that none is kept longer than the limit. */
const sweepMs = 1000;

export interface IdlePool<Connection> {
  /** The latest that was put in, unless it waited too long. */
  take(): Connection | undefined;
  put(connection: Connection): void;
  /** For one that closed by itself; does nothing for one that is not in the pool. */
  remove(connection: Connection): void;
}

export interface IdlePoolOptions<Connection> {
  readonly close: (connection: Connection) => void;
  readonly nowMs: () => number;
  /** Runs again and again until the returned function is called; must not keep the process alive. */
  readonly every: (periodMs: number, run: () => void) => () => void;
}

/** A pool for one endpoint. It has one timer while anything is in it, none per request. */
export const createIdlePool = <Connection>({
  close,
  nowMs,
  every,
}: IdlePoolOptions<Connection>): IdlePool<Connection> => {
  const connections: Connection[] = [];
  /** When each came in, so that the first is always the oldest. */
  const sinceMs: number[] = [];
  let stopSweeping: (() => void) | undefined;

  /** Closing may tell of itself at once, so each is out before it is closed. */
  const closeUntil = (latestMs: number): void => {
    while ((sinceMs[0] ?? Number.POSITIVE_INFINITY) <= latestMs) {
      sinceMs.shift();
      const connection = connections.shift();
      if (connection !== undefined) close(connection);
    }
  };

  const sweep = (): void => {
    // What would pass the limit before the next sweep goes with this one.
    closeUntil(nowMs() - (idleLimitMs - sweepMs));
    if (connections.length > 0) return;
    stopSweeping?.();
    stopSweeping = undefined;
  };

  return {
    take() {
      const since = sinceMs.at(-1);
      if (since === undefined) return undefined;
      const latestMs = nowMs() - idleLimitMs;
      if (since <= latestMs) {
        closeUntil(latestMs);
        return undefined;
      }
      sinceMs.pop();
      return connections.pop();
    },
    put(connection) {
      connections.push(connection);
      sinceMs.push(nowMs());
      stopSweeping ??= every(sweepMs, sweep);
    },
    remove(connection) {
      const at = connections.lastIndexOf(connection);
      if (at === -1) return;
      connections.splice(at, 1);
      sinceMs.splice(at, 1);
    },
  };
};
