/**
 * Gives memory back when nobody waits for an answer. May import nothing.
 * A collector left to itself waits for the next burst, and the models beside the router need the memory now.
 */

/** What a process tells of itself, and the collection it can be asked for. */
export interface Collected {
  /** Requests that are being answered. */
  running(): number;
  residentBytes(): number;
  /** Stops the process for some milliseconds. */
  collect(): void;
}

/** Less than this is not worth the pause. */
const worthCollectingBytes = 8 * 1024 * 1024;

/** What is to be done every second: collects where the process is at rest and has grown since the last time. */
export const collectAtRest = ({ running, residentBytes, collect }: Collected): (() => void) => {
  let lastBytes = 0;
  return () => {
    if (running() > 0 || residentBytes() < lastBytes + worthCollectingBytes) return;
    collect();
    lastBytes = residentBytes();
  };
};
