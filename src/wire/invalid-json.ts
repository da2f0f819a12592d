/** The error of JSON that cannot be taken; imports nothing. */

/** Says what is wrong and where in bytes, and never quotes the body, so that it is safe to show and to log. */
export class InvalidJson extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InvalidJson';
  }
}
