/** The words in which Google's API refuses, each with its status word and its typed details. */

import type { JsonObject } from '../spec/json.ts';
import type { EngineFailure } from './engine-failure.ts';
import type { Refusal, Surface } from './exchange.ts';

const detail = 'type.googleapis.com/google.rpc.';

/** An error as Google writes it, indented. */
export const geminiError = (
  code: number,
  status: string,
  message: string,
  details: readonly JsonObject[] = [],
): Refusal => ({
  status: code,
  contentType: 'application/json; charset=UTF-8',
  body: JSON.stringify(
    { error: { code, message, status, ...(details.length === 0 ? {} : { details }) } },
    null,
    2,
  ),
});

/** A body that is not as it must be; a field of it is named where one is at fault. */
export const invalidArgument = (message: string, field?: string): Refusal =>
  geminiError(
    400,
    'INVALID_ARGUMENT',
    message,
    field === undefined
      ? []
      : [{ '@type': `${detail}BadRequest`, fieldViolations: [{ field, description: message }] }],
  );

/** A member that no message of the API has. */
export const unknownName = (name: string, at: string): Refusal =>
  invalidArgument(
    `Invalid JSON payload received. Unknown name "${name}"${at === '' ? '' : ` at '${at}'`}: Cannot find field.`,
    at,
  );

/** Google answers a wrong key as a wrong request. */
export const badKey: Refusal = geminiError(
  400,
  'INVALID_ARGUMENT',
  'API key not valid. Please pass a valid API key.',
  [{ '@type': `${detail}ErrorInfo`, reason: 'API_KEY_INVALID', domain: 'googleapis.com' }],
);

/** A model nobody has, or one without the action. */
export const unknownModel = (name: string, action = 'generateContent'): Refusal =>
  geminiError(
    404,
    'NOT_FOUND',
    `models/${name} is not found for API version v1beta, or is not supported for ${action}. Call ListModels to see the list of available models and their supported methods.`,
  );

/** How long a caller is told to wait when it asked too often. */
const retrySeconds = 2;

const rateLimited: Refusal = geminiError(
  429,
  'RESOURCE_EXHAUSTED',
  `You exceeded your current quota, please check your plan and billing details. Please retry in ${retrySeconds}s.`,
  [
    {
      '@type': `${detail}QuotaFailure`,
      violations: [
        {
          quotaMetric: 'generativelanguage.googleapis.com/generate_content_free_tier_requests',
          quotaId: 'GenerateRequestsPerMinutePerProjectPerModel-FreeTier',
          quotaValue: '10',
        },
      ],
    },
    { '@type': `${detail}RetryInfo`, retryDelay: `${retrySeconds}s` },
  ],
);

const refuse = ({ kind }: EngineFailure): Refusal => {
  switch (kind) {
    case 'rate-limited':
      return rateLimited;
    case 'busy':
      return geminiError(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.');
    case 'unavailable':
      return geminiError(503, 'UNAVAILABLE', 'The service is currently unavailable.');
    default:
      return geminiError(500, 'INTERNAL', 'An internal error has occurred. Please retry.');
  }
};

/** What the shared part of a host needs; a stream that fails breaks off with bare JSON. */
export const geminiSurface: Surface = {
  streamType: 'text/event-stream',
  maxBodyBytes: 20 * 1024 * 1024,
  fatal: new Set(),
  refuse,
  inStream: (failure) => refuse(failure).body,
  unknownModel,
  badBody: (problem) =>
    problem === 'too-large'
      ? invalidArgument('Request payload size exceeds the limit: 20971520 bytes.')
      : invalidArgument(
          'Invalid JSON payload received. Unexpected end of string. Expected an object key or }.',
        ),
};
