/** The error of a reply that came but is not what a live engine gives. Imports nothing. */

/** Its message is a phrase such as `answered 503`, without an address, so that a health listing can show it. */
export class UnexpectedReply extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'UnexpectedReply';
  }
}
