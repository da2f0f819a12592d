/**
 * Gives a long-running command the settings Bun reads only at its start. Imported before all else,
 * so that what is started twice is next to nothing. May import nothing but Bun.
 */

import process from 'node:process';

/**
 * Bun holds back every request after the 256th to all hosts together, which long streams reach,
 * and cuts what is silent for five minutes, which a loading model is. 65,535 is the highest it takes.
 */
const wanted: Readonly<Record<string, string>> = {
  BUN_CONFIG_MAX_HTTP_REQUESTS: '65535',
  BUN_CONFIG_HTTP_IDLE_TIMEOUT: '0',
};

const longRunning = new Set(['serve', 'demo', 'sim-host']);

/** Absent on Windows, which cannot replace a process; there the cap stays. */
const { execve } = process as {
  readonly execve?: (file: string, args: readonly string[], environment: NodeJS.ProcessEnv) => never;
};

const restart = (): void => {
  const missing = Object.entries(wanted).filter(([name]) => process.env[name] === undefined);
  const args = process.argv.slice(2);
  if (missing.length === 0 || !args.some((arg) => longRunning.has(arg))) return;
  if (execve === undefined || process.platform === 'win32') return;
  // The binary finds its program by itself; its second argument is a path inside it.
  const program = Bun.isStandaloneExecutable ? [] : [...process.execArgv, Bun.main];
  const environment = { ...process.env, ...Object.fromEntries(missing) };
  try {
    execve(process.execPath, [process.execPath, ...program, ...args], environment);
  } catch {
    // A system that forbids it runs on with the cap.
  }
};

restart();
