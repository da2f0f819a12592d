/** What Google's API refuses in a body before any model sees it. */

import { asArray, asObject, asString, type Json, type JsonObject } from '../spec/json.ts';
import type { Refusal } from './exchange.ts';
import { isSignature } from './gemini-signature.ts';
import { invalidArgument, unknownName } from './gemini-words.ts';

const camelOf = (name: string): string =>
  name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The members of an object under Google's own spelling; both are read. */
export const camelMembers = (value: Json | undefined): JsonObject => {
  const members: Record<string, Json | undefined> = {};
  for (const [name, member] of Object.entries(asObject(value) ?? {})) members[camelOf(name)] = member;
  return members;
};

/** A list, or its only entry alone. */
export const listed = (value: Json | undefined): readonly Json[] =>
  asArray(value) ?? (value === undefined || value === null ? [] : [value]);

const bodyNames: ReadonlySet<string> = new Set([
  ...['contents', 'systemInstruction', 'tools', 'toolConfig', 'generationConfig', 'safetySettings'],
  ...['cachedContent', 'model', 'labels', 'serviceTier', 'store'],
]);
const configNames: ReadonlySet<string> = new Set([
  ...['temperature', 'topP', 'topK', 'maxOutputTokens', 'stopSequences', 'candidateCount', 'seed'],
  ...['presencePenalty', 'frequencyPenalty', 'responseMimeType', 'responseSchema', 'responseJsonSchema'],
  ...['_responseJsonSchema', 'responseLogprobs', 'logprobs', 'thinkingConfig', 'responseModalities'],
  ...['mediaResolution', 'speechConfig', 'imageConfig', 'enableEnhancedCivicAnswers'],
]);
const partNames: ReadonlySet<string> = new Set([
  ...['text', 'thought', 'thoughtSignature', 'inlineData', 'fileData', 'functionCall', 'functionResponse'],
  ...['executableCode', 'codeExecutionResult', 'videoMetadata', 'mediaResolution', 'partMetadata'],
]);
const declarationNames: ReadonlySet<string> = new Set([
  ...[
    'name',
    'description',
    'parameters',
    'parametersJsonSchema',
    'response',
    'responseJsonSchema',
    'behavior',
  ],
]);

const strange = (object: Json | undefined, known: ReadonlySet<string>, at: string): Refusal | undefined => {
  const name = Object.keys(asObject(object) ?? {}).find((each) => !known.has(camelOf(each)));
  return name === undefined ? undefined : unknownName(name, at);
};

const schemaNames: ReadonlySet<string> = new Set([
  'additionalProperties',
  '$ref',
  '$defs',
  '$schema',
  'const',
]);

/** Google's own notation has no words for much of JSON Schema. */
const strangeInSchema = (schema: Json | undefined, at: string): Refusal | undefined => {
  for (const [name, value] of Object.entries(asObject(schema) ?? {})) {
    if (schemaNames.has(name)) return unknownName(name, at);
    const found = name === 'properties' ? undefined : strangeInSchema(value, `${at}.${name}`);
    if (found !== undefined) return found;
  }
  return undefined;
};

const checkTools = (tools: readonly Json[]): Refusal | undefined => {
  for (const [index, tool] of tools.entries()) {
    for (const [position, declared] of listed(camelMembers(tool).functionDeclarations).entries()) {
      const at = `tools[${index}].function_declarations[${position}]`;
      const { name, parameters } = camelMembers(declared);
      const found =
        strange(declared, declarationNames, at) ?? strangeInSchema(parameters, `${at}.parameters`);
      if (found !== undefined) return found;
      if (!/^[a-zA-Z_][\w.:-]{0,127}$/.test(asString(name) ?? '')) {
        return invalidArgument(`Invalid function name at '${at}.name'.`, `${at}.name`);
      }
    }
  }
  return undefined;
};

const kinds = ['text', 'inlineData', 'fileData', 'functionCall', 'functionResponse', 'executableCode'];

const checkPart = (part: Json, at: string): Refusal | undefined => {
  const found = strange(part, partNames, at);
  if (found !== undefined) return found;
  const members = camelMembers(part);
  if (!kinds.some((kind) => kind in members)) {
    return invalidArgument(`${at}.data: required oneof field 'data' must have one initialized field`, at);
  }
  const { functionResponse } = members;
  if (functionResponse !== undefined && asObject(asObject(functionResponse)?.response) === undefined) {
    return invalidArgument(
      `Invalid value at '${at}.function_response.response' (type.googleapis.com/google.protobuf.Struct)`,
    );
  }
  return undefined;
};

/** Results that hold more than text came with the third generation. */
const checkPlainResults = (parts: readonly Json[]): Refusal | undefined =>
  parts.some((part) => 'parts' in (asObject(camelMembers(part).functionResponse) ?? {}))
    ? invalidArgument(
        'Unable to submit request because `function_response.parts` is not supported for this model.',
      )
    : undefined;

const countOf = (parts: readonly Json[], kind: string): number =>
  parts.filter((part) => kind in camelMembers(part)).length;

/** Whether the calls of the turn before are answered, each by one response, at once. */
const checkAnswers = (calls: number, responses: number): Refusal | undefined => {
  if (responses === 0) return undefined;
  if (calls === 0) {
    return invalidArgument(
      'Please ensure that function response turn comes immediately after a function call turn.',
    );
  }
  return calls === responses
    ? undefined
    : invalidArgument(
        'Please ensure that the number of function response parts is equal to the number of function call parts of the function call turn.',
      );
};

const checkSignature = (parts: readonly Json[], at: string, isDemanded: boolean): Refusal | undefined => {
  const first = parts.map(camelMembers).find((part) => 'functionCall' in part);
  const signature = asString(first?.thoughtSignature);
  if (isDemanded && first !== undefined && signature === undefined) {
    return invalidArgument(
      `Function call is missing a thought_signature in functionCall parts. This is required for tools to work correctly. Additional data, function call \`${asString(asObject(first.functionCall)?.name)}\`, position ${at}.`,
    );
  }
  const all = parts.flatMap((part) => asString(camelMembers(part).thoughtSignature) ?? []);
  return all.every(isSignature) ? undefined : invalidArgument('Corrupted thought signature.');
};

const checkContents = (contents: readonly Json[], isThird: boolean): Refusal | undefined => {
  if (contents.length === 0) {
    return invalidArgument('* GenerateContentRequest.contents: contents is not specified', 'contents');
  }
  let calls = 0;
  for (const [index, value] of contents.entries()) {
    const content = camelMembers(value);
    const parts = listed(content.parts);
    const role = asString(content.role) ?? 'user';
    if (!['user', 'model', 'function', ''].includes(role)) {
      return invalidArgument('Please use a valid role: user, model.', `contents[${index}].role`);
    }
    if (parts.length === 0) {
      return invalidArgument(
        `* GenerateContentRequest.contents[${index}].parts: contents.parts must not be empty.`,
        `contents[${index}].parts`,
      );
    }
    for (const [position, part] of parts.entries()) {
      const found = checkPart(part, `contents[${index}].parts[${position}]`);
      if (found !== undefined) return found;
    }
    const found =
      checkAnswers(calls, countOf(parts, 'functionResponse')) ??
      (isThird ? undefined : checkPlainResults(parts)) ??
      (role === 'model' ? checkSignature(parts, String(index), isThird) : undefined);
    if (found !== undefined) return found;
    calls = countOf(parts, 'functionCall');
  }
  return undefined;
};

/** The first thing that is wrong, in Google’s words; `isThird` for a model of the third generation or later. */
export const checkBody = (body: JsonObject, isThird: boolean): Refusal | undefined => {
  const { contents, generationConfig, tools } = camelMembers(body);
  return (
    strange(body, bodyNames, '') ??
    strange(generationConfig, configNames, 'generation_config') ??
    checkTools(listed(tools)) ??
    checkContents(listed(contents), isThird)
  );
};
