/** The limits that a request and its key set on the choice of a model. Pure; imports spec. */

import type { Constraints } from '../../spec/choice.ts';
import { GatewayError } from '../../spec/gateway-error.ts';
import { asArray, asNumber, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { engineCapabilityNames, type Zone } from '../../spec/vocabulary.ts';
import { chosenName, unknownName } from '../chosen-name.ts';

const zoneNames = ['local', 'cloud'] as const satisfies readonly Zone[];

const invalid = (field: string, problem: string): GatewayError =>
  new GatewayError('invalid_request', `${field} ${problem}`, { param: field });

const amount = (value: Json, field: string): number => {
  const number = asNumber(value);
  if (number !== undefined && number >= 0) return number;
  throw invalid(field, 'must be a number from 0 on');
};

const share = (value: Json, field: string): number => {
  const number = asNumber(value);
  if (number !== undefined && number >= 0 && number <= 1) return number;
  throw invalid(field, 'must be a number from 0 to 1');
};

const text = (value: Json, field: string): string => {
  const string = asString(value);
  if (string !== undefined && string !== '') return string;
  throw invalid(field, 'must be a text that is not empty');
};

const texts = (value: Json, field: string): readonly string[] => {
  const list = asArray(value);
  if (list === undefined) throw invalid(field, 'must be a list of texts');
  return list.map((entry, index) => text(entry, `${field}[${index}]`));
};

type Readers = Readonly<Record<string, (value: Json, field: string) => Constraints>>;

const readers: Readers = {
  max_latency_ms: (value, field) => ({ maxLatencyMs: amount(value, field) }),
  max_cost_per_request: (value, field) => ({ maxCostPerRequest: amount(value, field) }),
  min_reliability: (value, field) => ({ minReliability: share(value, field) }),
  preferred_backend: (value, field) => ({ preferredBackend: text(value, field) }),
  required_capabilities: (value, field) => ({
    requiredCapabilities: texts(value, field).map((name) => chosenName(name, engineCapabilityNames, field)),
  }),
  excluded_models: (value, field) => ({
    excludedModels: texts(value, field).map((name) => name.toLowerCase()),
  }),
  zone: (value, field) => ({ zone: chosenName(text(value, field), zoneNames, field) }),
};

/** The members of a body that hold constraints, in the order they are shown. */
export const constraintNames: readonly string[] = Object.keys(readers);

/** The member that may hold all of them at once, and then nothing else. */
export const constraintsMember = 'constraints';

const isGiven = (value: Json | undefined): value is Json => value !== undefined && value !== null;

/** Whether a body sets any limit; asked of every request, so it looks and does nothing else. */
const hasConstraints = (body: JsonObject): boolean => {
  for (let index = 0; index < constraintNames.length; index += 1) {
    if (isGiven(body[constraintNames[index] ?? ''])) return true;
  }
  return isGiven(body[constraintsMember]);
};

const noMembers: readonly string[] = [];

/** The members that are taken out before a body goes to an engine; none where none sets a limit. */
export const constraintMembers = (body: JsonObject): readonly string[] =>
  hasConstraints(body) ? membersIn(body) : noMembers;

const membersIn = (body: JsonObject): readonly string[] =>
  [...constraintNames, constraintsMember].filter((name) => body[name] !== undefined);

const grouped = (body: JsonObject): Constraints => {
  const value = body[constraintsMember];
  if (!isGiven(value)) return {};
  const object = asObject(value);
  if (object === undefined) throw invalid(constraintsMember, 'must be an object');
  let all: Constraints = {};
  for (const [name, entry] of Object.entries(object)) {
    const field = `${constraintsMember}.${name}`;
    const read = Object.hasOwn(readers, name) ? readers[name] : undefined;
    if (read === undefined) {
      throw new GatewayError(
        'invalid_request',
        unknownName('a constraint', name, constraintNames).replace('a constraint', `${field}: a constraint`),
        { param: field },
      );
    }
    if (isGiven(entry)) all = { ...all, ...read(entry, field) };
  }
  return all;
};

/** What a body asks; throws `invalid_request` with the name of a constraint that does not exist or cannot be read. */
export const readConstraints = (body: JsonObject): Constraints => {
  let all = grouped(body);
  for (const name of constraintNames) {
    const value = body[name];
    if (isGiven(value)) all = { ...all, ...readers[name]?.(value, name) };
  }
  return all;
};

const least = (left: number | undefined, right: number | undefined): number | undefined =>
  left === undefined ? right : right === undefined ? left : Math.min(left, right);

const most = (left: number | undefined, right: number | undefined): number | undefined =>
  left === undefined ? right : right === undefined ? left : Math.max(left, right);

const union = <Value>(
  left: readonly Value[] | undefined,
  right: readonly Value[] | undefined,
): readonly Value[] | undefined =>
  left === undefined ? right : right === undefined ? left : [...new Set([...left, ...right])];

/** Both at once: a request may narrow what its key is held to, and cannot widen it. */
export const joinedConstraints = (key: Constraints | undefined, own: Constraints): Constraints => {
  if (key === undefined) return own;
  const zone = key.zone === 'local' || own.zone === undefined ? (key.zone ?? own.zone) : own.zone;
  return {
    maxLatencyMs: least(key.maxLatencyMs, own.maxLatencyMs),
    maxCostPerRequest: least(key.maxCostPerRequest, own.maxCostPerRequest),
    minReliability: most(key.minReliability, own.minReliability),
    preferredBackend: own.preferredBackend ?? key.preferredBackend,
    requiredCapabilities: union(key.requiredCapabilities, own.requiredCapabilities),
    excludedModels: union(key.excludedModels, own.excludedModels),
    zone,
  };
};
