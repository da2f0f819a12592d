/** Reads JSON into typed values, strictly, and says where it is wrong. Pure; imports spec. */

import { asArray, asObject, type Json } from '../spec/json.ts';

/** Takes what stands at a place; throws `WrongShape`. */
export type Reader<Value> = (value: Json | undefined, at: string) => Value;

/** What is wrong and where; quotes no value. */
export class WrongShape extends Error {
  constructor(at: string, wanted: string) {
    super(`${at === '' ? 'it' : at} must be ${wanted}`);
    this.name = 'WrongShape';
  }
}

const below = (at: string, key: string): string => (at === '' ? key : `${at}.${key}`);

export const anyText: Reader<string> = (value, at) => {
  if (typeof value === 'string') return value;
  throw new WrongShape(at, 'a text');
};

export const anyNumber: Reader<number> = (value, at) => {
  if (typeof value === 'number' && Number.isFinite(value)) return value;
  throw new WrongShape(at, 'a number');
};

/** A number from `least` on. */
export const numberFrom =
  (least: number): Reader<number> =>
  (value, at) => {
    if (typeof value === 'number' && Number.isFinite(value) && value >= least) return value;
    throw new WrongShape(at, `a number from ${least} on`);
  };

export const anyBoolean: Reader<boolean> = (value, at) => {
  if (typeof value === 'boolean') return value;
  throw new WrongShape(at, 'true or false');
};

export const oneOf =
  <Name extends string>(...names: readonly Name[]): Reader<Name> =>
  (value, at) => {
    const name = names.find((each) => each === value);
    if (name !== undefined) return name;
    throw new WrongShape(at, `one of ${names.join(', ')}`);
  };

export const optional =
  <Value>(reader: Reader<Value>): Reader<Value | undefined> =>
  (value, at) =>
    value === undefined ? undefined : reader(value, at);

/** A list of at most `most`. */
export const listOf =
  <Value>(reader: Reader<Value>, most: number): Reader<readonly Value[]> =>
  (value, at) => {
    const list = asArray(value);
    if (list === undefined || list.length > most) throw new WrongShape(at, `a list of at most ${most}`);
    return list.map((each, index) => reader(each, `${at}[${index}]`));
  };

type Members<Value> = { readonly [Key in keyof Value]-?: Reader<Value[Key]> };

/** An object with these members; others are passed over, so that later versions may add some. */
export const objectOf =
  <Value extends object>(members: Members<Value>): Reader<Value> =>
  (value, at) => {
    const object = asObject(value);
    if (object === undefined) throw new WrongShape(at, 'an object');
    const read: Partial<Value> = {};
    for (const key of Object.keys(members) as (keyof Value & string)[]) {
      const member = members[key](Object.hasOwn(object, key) ? object[key] : undefined, below(at, key));
      if (member !== undefined) read[key] = member;
    }
    // Each member was read by the reader for its type.
    return read as Value;
  };

/** An object that is of one of several kinds, as its member `state` says. */
export const byState =
  <Value>(kinds: Readonly<Record<string, Reader<Value>>>): Reader<Value> =>
  (value, at) => {
    const state = oneOf(...Object.keys(kinds))(asObject(value)?.state, below(at, 'state'));
    const reader = kinds[state];
    if (reader === undefined) throw new WrongShape(at, 'known');
    return reader(value, at);
  };
