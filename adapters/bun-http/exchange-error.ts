/** What an exchange ends with when the peer broke it. Imports nothing. */

/**
 * Carries the codes by which Bun's own fetch tells the same things, so that they mean the same to the program.
 * The message never holds an address or a byte of what was sent.
 */
export class ExchangeError extends Error {
  override readonly name = 'ExchangeError';
  readonly code: 'ECONNRESET' | 'Malformed_HTTP_Response';

  constructor(code: ExchangeError['code'], message: string) {
    super(message);
    this.code = code;
  }
}
