/** Starts processes on one core each, where the system allows it. */

/** `proxy` has a core of its own; what produces and consumes its traffic shares the other one. */
export type Core = 'proxy' | 'traffic';

const coreOf: Readonly<Record<Core, string>> = { proxy: '0', traffic: '1' };

/** Whether processes are pinned: it takes two cores and `taskset`. */
export const canPin = navigator.hardwareConcurrency >= 2 && Bun.which('taskset') !== null;

/** The command that runs another one on a core; `taskset` replaces itself, so the process id is the command's own. */
export const pinned = (core: Core, command: readonly string[]): string[] =>
  canPin ? ['taskset', '-c', coreOf[core], ...command] : [...command];
