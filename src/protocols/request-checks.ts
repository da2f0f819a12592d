/**
 * What every dialect checks of a body before anything is sent. Each check names the field at fault.
 * May import spec only. These run on every request, so they allocate nothing while a body is right.
 */

import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, type Json, type JsonObject } from '../spec/json.ts';

/** Longer model names exist nowhere; a bound keeps hostile ones out of logs, headers and error texts. */
const maxModelLength = 256;
const maxMessages = 2000;
const maxTools = 512;

/** An `invalid_request` that names its field. */
export const invalid = (param: string, message: string): GatewayError =>
  new GatewayError('invalid_request', message, { param });

/** Whether a field carries nothing: Go and Python clients send `null` for what they do not set. */
export const isAbsent = (value: Json | undefined): value is null | undefined =>
  value === undefined || value === null;

/** The model's name; any characters but control characters, because engines differ in what they allow. */
export const checkModel = (value: Json | undefined): string => {
  if (isAbsent(value) || value === '') throw invalid('model', 'model is required');
  if (typeof value !== 'string') throw invalid('model', 'model must be a string');
  if (value.length > maxModelLength) {
    throw invalid('model', `model must be at most ${maxModelLength} characters long`);
  }
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    if (code < 0x20 || code === 0x7f) throw invalid('model', 'model must not contain control characters');
  }
  return value;
};

/** A yes or no that may be absent. */
export const checkFlag = (body: JsonObject, field: string): boolean | undefined => {
  const value = body[field];
  if (isAbsent(value)) return undefined;
  if (typeof value !== 'boolean') throw invalid(field, `${field} must be true or false`);
  return value;
};

/** Number fields that may be absent. */
export const checkNumbers = (body: JsonObject, fields: readonly string[]): void => {
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] ?? '';
    const value = body[field];
    if (value !== undefined && value !== null && typeof value !== 'number') {
      throw invalid(field, `${field} must be a number`);
    }
  }
};

/** An object that may be absent. */
export const checkObject = (value: Json | undefined, field: string): JsonObject | undefined => {
  if (isAbsent(value)) return undefined;
  const object = asObject(value);
  if (object === undefined) throw invalid(field, `${field} must be an object`);
  return object;
};

/** An array of strings that may be absent. */
export const checkStrings = (value: Json | undefined, field: string): readonly Json[] => {
  if (isAbsent(value)) return [];
  if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
    throw invalid(field, `${field} must be an array of strings`);
  }
  return value;
};

/** The tools on offer; returns whether there are any. */
export const checkTools = (value: Json | undefined): boolean => {
  if (isAbsent(value)) return false;
  if (!Array.isArray(value)) throw invalid('tools', 'tools must be an array');
  if (value.length > maxTools) throw invalid('tools', `tools must hold at most ${maxTools} entries`);
  for (let index = 0; index < value.length; index += 1) checkObject(value[index] ?? false, `tools[${index}]`);
  return value.length > 0;
};

/** The type of a content part: one that no version of its dialect has is refused by name, whoever would be asked. */
export const checkPartType = (type: Json | undefined, known: ReadonlySet<string>, at: string): void => {
  if (typeof type !== 'string') throw invalid(`${at}.type`, `${at}.type must be a string`);
  if (!known.has(type)) throw unknownPart(type, at);
};

const shownCharacters = 64;

/** Names the type, as far as it may be one. */
export const unknownPart = (type: string, at: string): GatewayError =>
  invalid(
    `${at}.type`,
    `${at} is of type ${JSON.stringify(type.slice(0, shownCharacters))}, which is not supported here`,
  );

/** The conversation as an array of objects, each of them with one of `roles` in any case. */
export const checkMessages = (value: Json | undefined, roles: ReadonlySet<string>): readonly JsonObject[] => {
  if (!Array.isArray(value)) throw invalid('messages', 'messages must be an array');
  if (value.length > maxMessages) {
    throw invalid('messages', `messages must hold at most ${maxMessages} entries`);
  }
  for (let index = 0; index < value.length; index += 1) {
    const role = asObject(value[index])?.role;
    if (typeof role !== 'string') throw badMessage(value[index], index);
    if (!roles.has(role) && !roles.has(role.toLowerCase())) {
      throw invalid(
        `messages[${index}].role`,
        `messages[${index}].role must be one of ${[...roles].join(', ')}`,
      );
    }
  }
  return value as readonly JsonObject[];
};

const badMessage = (value: Json, index: number): GatewayError =>
  asObject(value) === undefined
    ? invalid(`messages[${index}]`, `messages[${index}] must be an object`)
    : invalid(`messages[${index}].role`, `messages[${index}].role must be a string`);
