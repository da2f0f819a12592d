/** The shape of parsed JSON and total narrowing functions over it; imports nothing. */

export type Json = null | boolean | number | string | readonly Json[] | JsonObject;

export interface JsonObject {
  readonly [key: string]: Json | undefined;
}

/** Narrows to a JSON object; arrays and null are not objects here, because no wire field means them so. */
export const asObject = (value: Json | undefined): JsonObject | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;

/** Narrows to an array, so that a wrong shape reads as an absent one. */
export const asArray = (value: Json | undefined): readonly Json[] | undefined =>
  Array.isArray(value) ? value : undefined;

/** Narrows to a string; the empty string stays, because several wires mean something by it. */
export const asString = (value: Json | undefined): string | undefined =>
  typeof value === 'string' ? value : undefined;

/** Narrows to a finite number, so that no NaN from a hostile body enters arithmetic. */
export const asNumber = (value: Json | undefined): number | undefined =>
  typeof value === 'number' && Number.isFinite(value) ? value : undefined;

/** Narrows to a boolean. */
export const asBoolean = (value: Json | undefined): boolean | undefined =>
  typeof value === 'boolean' ? value : undefined;
