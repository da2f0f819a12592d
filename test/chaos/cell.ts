/** What one cell of the matrix is made of, and the scaled timers all of them run under. */

import type { Dialect, Wire } from '../runtimes/dialects.ts';
import type { Call, ScriptedEngine } from '../runtimes/scripted-engine.ts';
import type { Target } from '../runtimes/target.ts';
import type { Form, Place } from './matrix.ts';

/** A twentieth of what an installation has; a resident model is given a minute for its first token. */
export const timers = {
  headersMs: 250,
  firstContentMs: 3000,
  betweenChunksMs: 3000,
  breakerOpenMs: 250,
  maxOpenMs: 6000,
  /** A host that sent its last event is given this to close, and it is no setting. */
  lingerMs: 2000,
  // These two are not scaled: hundreds of hosts are looked at here, by a machine that is busy.
  probeIntervalMs: 6000,
  probeTimeoutMs: 1000,
} as const;

/** What follows from a failure at once: none of the long timers above was waited for. */
export const atOnceMs = 1000;

/** The promise is a quarter of a second, by a machine that does nothing else. */
export const freedWithinMs = 500;

/** How a cell's first host is set up. */
export interface HostSetup {
  /** Whether the model is in memory; else the first request loads it. */
  readonly memory?: 'cold';
  readonly apiKey?: string;
  /** Other models of this host alone, and of both. */
  readonly models?: readonly string[];
  readonly slots?: number;
  /** Whether the second host does not have the model. */
  readonly only?: 'first';
}

/** One cell with its own first host and model; the second host is everybody's. */
export interface Scene {
  /** For a cell that needs a process of its own. */
  readonly target: Target;
  readonly origin: string;
  readonly port: number;
  readonly dialect: Dialect;
  readonly form: Form;
  readonly model: string;
  readonly first: ScriptedEngine;
  readonly second: ScriptedEngine;
  /** The id of the first host. */
  readonly firstId: string;
  /** A limit on this machine as it is now: longer by a few times what a request takes that meets no fault. */
  readonly within: (limitMs: number) => number;
  /** What the process wrote so far. */
  readonly written: () => string;
  /** A prompt in the form of the cell. */
  body(more?: Wire): Wire;
  ask(more?: Wire, init?: RequestInit): Promise<Response>;
  /** Prompts that reached each host, complete or not. */
  posts(): { readonly first: number; readonly second: number };
  /** Puts another process in the place of the first host. */
  replace(): Promise<ScriptedEngine>;
  /** Resolves once nothing runs on the first host; rejects after the time. */
  idle(withinMs?: number): Promise<void>;
  /** Calls when the next prompt's head has come to the first host, before its body. */
  onHead(strike: (call: Pick<Call, 'socket'>) => void): void;
}

export interface Cell extends Place {
  /** Unique, and what a single cell is asked for by. */
  readonly id: string;
  readonly dialect: Dialect;
  readonly setup: HostSetup;
  /** Whether it waits for a timer, so that it is begun before the others. */
  readonly waits: boolean;
  /** Cells with the same one run one after the other. */
  readonly lane?: string;
  /** Where it may take longer than the others. */
  readonly limitMs?: number;
  readonly prove: (scene: Scene) => Promise<void>;
}

/** The name a cell is asked for by. */
export const cellId = ({ fault, phase, form }: Place, dialect: Dialect, how: string): string =>
  `${fault}, ${phase}, ${form}, ${dialect.name}: ${how}`;
