/** Ends what was started when this process ends early, so that no proxy is left behind to take part in the next run. */

interface Killable {
  kill(signal: 'SIGKILL'): void;
}

const running = new Set<Killable>();

process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => process.exit(130));

/** Remembers a child; the returned function forgets it. */
export const killAtExit = (child: Killable): (() => void) => {
  running.add(child);
  return () => void running.delete(child);
};
