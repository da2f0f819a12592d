/** The error of a store that answered and does not do what it is asked. Imports nothing. */

/** Its message is a phrase of our own without an address, so that whoever looks may read it. */
export class StoreProblem extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'StoreProblem';
  }
}
