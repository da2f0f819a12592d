/** Exit codes every command keeps to, and the error that carries one to the top. */

/** 0: fine; 1: something is down; 2: usage or configuration. */
export type ExitCode = 0 | 1 | 2;

/** Ends a command with lines for the person and a code for the script. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string) {
    super(message);
    this.name = 'CommandFailure';
    this.exitCode = exitCode;
  }
}
