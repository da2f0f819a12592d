/** One proxy under test: started, found listening, measured, ended. */

import { killAtExit } from './kill-at-exit.ts';
import { lastDescendant, peakBytes, processorTimeUs, resetPeak, residentBytes } from './proc.ts';

/** A proxy that runs. The direct way to the mock has a port and no process. */
export interface ProxyProcess {
  readonly port: number;
  /** From the start of its process until it took a connection. */
  readonly startMs: number;
  processorTimeUs(): number;
  residentBytes(): number;
  peakBytes(): number;
  resetPeak(): void;
  stop(): Promise<void>;
}

const startTimeoutMs = 20_000;

const accepts = async (port: number): Promise<boolean> => {
  try {
    const socket = await Bun.connect({ hostname: '127.0.0.1', port, socket: { data: () => undefined } });
    socket.end();
    return true;
  } catch {
    return false;
  }
};

/** Starts a command and waits until its port takes connections. */
export const startProxy = async (command: readonly string[], port: number): Promise<ProxyProcess> => {
  const startedAt = performance.now();
  // The bare forwarder cannot start itself anew as Pointsman does, and Bun holds back the 257th request of the rest.
  const env = { ...process.env, BUN_CONFIG_MAX_HTTP_REQUESTS: '65535' };
  const child = Bun.spawn([...command], { stdin: 'ignore', stdout: 'ignore', stderr: 'pipe', env });
  const forget = killAtExit(child);
  while (!(await accepts(port))) {
    if (child.exitCode !== null || performance.now() - startedAt > startTimeoutMs) {
      child.kill('SIGKILL');
      throw new Error(`${command.join(' ')} does not listen:\n${await new Response(child.stderr).text()}`);
    }
    await Bun.sleep(1);
  }
  const startMs = performance.now() - startedAt;
  // Nobody reads on, but a full pipe would hold the process up.
  void child.stderr.pipeTo(new WritableStream());
  const pid = lastDescendant(child.pid);
  return {
    port,
    startMs,
    processorTimeUs: () => processorTimeUs(pid),
    residentBytes: () => residentBytes(pid),
    peakBytes: () => peakBytes(pid),
    resetPeak: () => resetPeak(pid),
    stop: async () => {
      process.kill(pid, 'SIGKILL');
      child.kill('SIGKILL');
      await child.exited;
      forget();
    },
  };
};

/** The way to the mock without a proxy. */
export const direct = (port: number): ProxyProcess => ({
  port,
  startMs: 0,
  processorTimeUs: () => 0,
  residentBytes: () => 0,
  peakBytes: () => 0,
  resetPeak: () => undefined,
  stop: async () => undefined,
});
