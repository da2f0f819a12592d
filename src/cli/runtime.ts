/** The only seam to Bun, Deno and Node: what an adapter gives, and nothing more. */

import type { Fetch } from '../spec/ports.ts';

/** The switches of the connections requests come in on; one object for all of them. */
export interface Connection {
  /** Lets a request take as long as it needs once its body is read; the server's own idle timer is for slow senders. */
  liftTimeout(request: Request): void;
  /** Puts the timer back for the connection's next request; called before the answer ends. */
  restoreTimeout(request: Request): void;
}

export type Handler = (request: Request, connection: Connection) => Response | Promise<Response>;

export interface Address {
  readonly hostname: string;
  /** 0 asks for any free port. */
  readonly port: number;
}

export interface Listening {
  readonly hostname: string;
  readonly port: number;
  /** `graceful` stops accepting and waits for running requests; `now` cuts them. */
  stop(how: 'graceful' | 'now'): Promise<void>;
}

export interface Runtime {
  readonly name: 'bun' | 'deno' | 'node';
  readonly version: string;
  readonly args: readonly string[];
  /** This host's name, which the front door accepts in `Host`. */
  readonly hostname: string;
  /** Whether standard output is a terminal, and whether it wants colour. */
  readonly terminal: { readonly interactive: boolean; readonly color: boolean };
  readonly fetch: Fetch;
  env(name: string): string | undefined;
  readTextFile(path: string): Promise<string>;
  /** What a program of this machine writes to its standard output; undefined where it is absent, fails or takes too long. */
  run(program: string, args: readonly string[], timeoutMs: number): Promise<string | undefined>;
  serve(handler: Handler, address: Address): Promise<Listening>;
  /** Called once per SIGINT, SIGTERM (and SIGHUP as `reload`), each time it comes. */
  onSignal(run: (signal: 'interrupt' | 'terminate' | 'reload') => void): void;
  /** Standard output: data. */
  out(text: string): void;
  /** Standard error: talk. */
  err(text: string): void;
  exit(code: number): never;
}
