/**
 * What Bun, Deno and Node have in common of a process: arguments, environment, files, terminal, signals, text out.
 * May import `src/cli` and the runtimes' shared `node:` modules.
 */

import { execFile } from 'node:child_process';
import { writeSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import process from 'node:process';
import type { Handler, Runtime } from '../src/cli/runtime.ts';

const signals = { SIGINT: 'interrupt', SIGTERM: 'terminate', SIGHUP: 'reload' } as const;

const encoder = new TextEncoder();
const pause = new Int32Array(new SharedArrayBuffer(4));

const codeOf = (reason: unknown): string | undefined => {
  const code = (reason as { readonly code?: unknown } | null | undefined)?.code;
  return typeof code === 'string' ? code : undefined;
};

/** Synchronous, so that no text is lost when the process exits right after it. */
const write = (descriptor: 1 | 2, text: string): void => {
  let rest = encoder.encode(text);
  while (rest.byteLength > 0) {
    try {
      rest = rest.subarray(writeSync(descriptor, rest));
    } catch (error) {
      // A full pipe that does not block says so; any other failure means that nobody reads any more.
      if (codeOf(error) !== 'EAGAIN') return;
      Atomics.wait(pause, 0, 0, 1);
    }
  }
};

const wantsColor = (interactive: boolean): boolean => {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR !== undefined && NO_COLOR !== '') return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return interactive && TERM !== 'dumb';
};

/**
 * Names a failure by class, code and place in the program. The message is left out:
 * runtimes write addresses into theirs, and parsers pieces of what they read.
 */
const describeFailure = (reason: unknown): string => {
  if (!(reason instanceof Error)) return typeof reason;
  const code = codeOf(reason);
  const frames = (reason.stack ?? '').split('\n').filter((line) => /^ +at \S/.test(line));
  return [`${reason.name}${code === undefined ? '' : ` (${code})`}`, ...frames].join('\n');
};

/** Tells a failure on standard error, without its message. */
export const tellFailure = (what: string, reason: unknown): void =>
  write(2, `${what}: ${describeFailure(reason)}\n`);

/** Keeps one stray failure from ending every other stream: it is told, and the process goes on. */
const surviveStrayFailures = (): void => {
  process.on('unhandledRejection', (reason) => tellFailure('unhandled rejection', reason));
  process.on('uncaughtException', (error) => tellFailure('uncaught exception', error));
};

/** The answer where even the handler's own error path failed, in place of the runtime's error page. */
export const answerBroken = (reason: unknown): Response => {
  tellFailure('request failed', reason);
  return Response.json({ error: { message: 'internal error', code: 'internal' } }, { status: 500 });
};

/** Gives a handler that never rejects, for servers that have no hook of their own for it. */
export const answerAlways =
  (handler: Handler): Handler =>
  async (request, connection) => {
    try {
      return await handler(request, connection);
    } catch (error) {
      return answerBroken(error);
    }
  };

/** The part of a `Runtime` that is the same everywhere. */
export const localProcess = (): Omit<Runtime, 'name' | 'version' | 'fetch' | 'serve'> => {
  const interactive = process.stdout.isTTY === true;
  return {
    args: process.argv.slice(2),
    hostname: hostname(),
    terminal: { interactive, color: wantsColor(interactive) },
    env: (name) => process.env[name],
    readTextFile: (path) => readFile(path, 'utf8'),
    run: (program, args, timeoutMs) =>
      new Promise((resolve) => {
        const options = { timeout: timeoutMs, encoding: 'utf8', windowsHide: true } as const;
        execFile(program, [...args], options, (error, text) => resolve(error === null ? text : undefined));
      }),
    onSignal: (run) => {
      for (const [name, meaning] of Object.entries(signals)) process.on(name, () => run(meaning));
    },
    out: (text) => write(1, text),
    err: (text) => write(2, text),
    exit: (code) => process.exit(code),
  };
};

/** Runs the program; a failure that reaches this far is a defect, told without its message. */
export const start = (main: (runtime: Runtime) => Promise<void>, runtime: Runtime): void => {
  surviveStrayFailures();
  main(runtime).catch((error: unknown) => {
    tellFailure('pointsman', error);
    runtime.exit(1);
  });
};
