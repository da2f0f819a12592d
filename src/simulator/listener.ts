/** Whether a host on a socket listens; it stops a moment late, so that its last words still go out. */

import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';

/** What a listener is told to do. */
export type ListenerState = 'close' | 'open';

/** Long enough for bytes on their way, short enough that nobody connects in between by plan. */
const lingerMs: Millis = 50;

/** Tells `change` of every real change; a wish taken back within the moment is none. */
export const createListener = (
  change: (state: ListenerState) => void,
  clock: Clock,
): ((wanted: ListenerState) => void) => {
  let state: ListenerState = 'open';
  let wish: ListenerState = 'open';
  let forget: () => void = () => undefined;
  const turn = (): void => {
    if (state === wish) return;
    state = wish;
    change(state);
  };
  return (wanted) => {
    if (wanted === wish) return;
    wish = wanted;
    forget();
    if (wanted === 'open') turn();
    else forget = clock.after(lingerMs, turn);
  };
};
