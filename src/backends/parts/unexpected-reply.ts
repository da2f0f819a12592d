/** The error of a reply that came but is not what a live engine gives. Imports nothing. */

/** Its message is a phrase such as `answered 503`, without an address, so that a health listing can show it. */
export class UnexpectedReply extends Error {
  /** The HTTP status, where that was what was not expected. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.name = 'UnexpectedReply';
    this.status = status;
  }
}
