/** The shape of one backend in the configuration file. Imports the registry of kinds and `zod`. */

import { z } from 'zod';
import { backendKinds } from '../backends/registry.ts';
import { capabilityNames } from '../spec/vocabulary.ts';
import { backendUrlProblem } from './backend-url.ts';
import { defaults } from './defaults.ts';
import { amount, durationMs, modelName, name, quirks, token, unlimited } from './scalars.ts';

/** More keys than anybody holds with one provider. */
const maxKeys = 32;

const declaredModel = z.strictObject({
  capabilities: z
    .array(z.enum(capabilityNames))
    .optional()
    .describe('What the model can do; absent: what the backend or its kind says.'),
  contextTokens: z.int().min(1).max(unlimited).optional().describe('The longest context it takes there.'),
});

const region = name.describe('Where it is: a label of your choice, such as eu or office.').optional();

const price = z.strictObject({
  inputPerMillion: amount(0, unlimited).describe('For a million tokens read, in any currency.'),
  outputPerMillion: amount(0, unlimited).describe('For a million tokens written, in the same currency.'),
});

const keepAlive = z.strictObject({
  minMs: durationMs(0)
    .optional()
    .describe('The shortest stay in memory a caller may ask for; absent: none at all.'),
  maxMs: durationMs(0)
    .optional()
    .describe('The longest stay in memory a caller may ask for; absent: for ever.'),
});

/** Where a backend of that kind is when nobody says; undefined for engines, which may be anywhere. */
export const providerUrl = (kind: string): string | undefined =>
  backendKinds.find((known) => known.kind === kind)?.url;

/** An engine: where it is, what it is for, and what it may be given. */
export const backendSchema = z
  .strictObject({
    kind: z.enum(backendKinds.map(({ kind }) => kind)).describe('What kind of engine answers there.'),
    url: z
      .string()
      .superRefine((text, context) => {
        const problem = backendUrlProblem(text);
        if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
      })
      .optional()
      .describe(
        'Base URL of the engine, http or https, without credentials or query; providers have one of their own.',
      ),
    lane: z
      .enum(['gpu', 'cpu', 'container', 'cloud', 'peer'])
      .optional()
      .describe('What the hardware is for; the kind decides where this is absent.'),
    zone: z
      .enum(['local', 'cloud'])
      .optional()
      .describe('Where data goes that is sent there; read from lane and host where this is absent.'),
    slots: z
      .int()
      .min(1)
      .optional()
      .describe('Requests sent there at once; the engine or its kind decides where this is absent.'),
    priority: z.int().min(0).default(defaults.backend.priority).describe('Lower is tried first.'),
    apiKey: token.optional().describe('Sent to this backend as its kind wants it; empty means none.'),
    apiKeys: z.array(token).max(maxKeys).optional().describe('Further keys of this backend, used in turn.'),
    apiVersion: z
      .string()
      .regex(/^[\w.-]{1,64}$/, 'must be a version such as 2024-10-21')
      .optional()
      .describe('The version of the API, for kinds that ask for one.'),
    headers: z.record(z.string(), z.string()).optional().describe('Further headers sent to this backend.'),
    preset: z
      .enum(backendKinds.flatMap(({ presets }) => presets ?? []))
      .optional()
      .describe('Which server an openai-compatible backend is.'),
    region,
    weight: amount(0, unlimited)
      .optional()
      .describe('Share of the traffic in weighted_random; as many as it has slots where this is absent.'),
    price: price.optional().describe('What it costs; own hardware costs nothing.'),
    keepAlive: keepAlive.optional().describe('How long models may be kept in memory there.'),
    models: z
      .record(modelName, declaredModel)
      .optional()
      .describe('Models it has whether it lists them or not, and what is known of them.'),
    quirks: quirks.optional().describe('What the server does not take; absent: what is known of its kind.'),
    preload: z.array(modelName).optional().describe('Models brought into memory when the backend is up.'),
  })
  .superRefine(({ kind, url }, context) => {
    if (url === undefined && providerUrl(kind) === undefined)
      context.addIssue({ code: 'custom', path: ['url'], message: 'is missing' });
  });
