/** How a kind of backend wants to be shown its key. Pure; imports nothing. */

/** The header a key travels in, and its value there. */
export type KeyCarrier = (key: string) => readonly [name: string, value: string];

/** As most do it. */
export const asBearer: KeyCarrier = (key) => ['authorization', `Bearer ${key}`];

/** Bare, in a header of the provider's own, such as `x-api-key`; the name in lower case. */
export const inHeader =
  (name: string): KeyCarrier =>
  (key) => [name, key];
