/** Who asked: travels with a request from the front door to its settlement. */

export type Scope = 'inference' | 'metrics' | 'admin';

export interface Principal {
  /** The configured name of the key, or `anonymous` where no key is needed. */
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}
