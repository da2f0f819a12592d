/** The shape of one model in the configuration file. Imports the names of policies and `zod`. */

import { z } from 'zod';
import { policyNames } from '../core/policies.ts';
import { cardSchema } from './auto-schema.ts';
import { defaults } from './defaults.ts';
import { modelName, quirks, unlimited } from './scalars.ts';

const contextTokens = z.int().min(1).max(unlimited);

const bucketList = z
  .array(contextTokens)
  .refine(
    (sizes) => sizes.every((size, index) => index === 0 || size > (sizes[index - 1] ?? 0)),
    'must ascend',
  );

/** Sizes in ascending order. */
export const buckets = bucketList.describe('Context sizes that wishes are rounded up to; none: as asked.');

/** Names as in the `options` of Ollama. */
export const allowedOptions = z
  .array(z.string().min(1).max(64))
  .describe('Load-time options of Ollama that callers may set, such as num_gpu.');

const modelContext = z.strictObject({
  tokens: contextTokens.optional().describe('The context every load of it has, whatever is asked.'),
  buckets: buckets.optional(),
  allowedOptions: allowedOptions.optional(),
});

/** A model: its names, and what holds for it alone. */
export const modelSchema = z.strictObject({
  aliases: z.array(modelName).default([]).describe('Further names clients may ask for.'),
  names: z
    .record(z.string(), modelName)
    .default({})
    .describe('The name the model has on a backend, by backend id or kind.'),
  strategy: z.enum(policyNames).optional().describe('How a backend is chosen for it, in place of strategy.'),
  preferred: z
    .string()
    .optional()
    .describe('The backend or kind that goes first where the strategy heeds it.'),
  localOnly: z
    .boolean()
    .default(defaults.model.localOnly)
    .describe('Whether its requests never reach a cloud backend.'),
  quirks: quirks.optional().describe('What the model does not take; absent: what is known of its family.'),
  context: modelContext.optional().describe('With what context it is run, in place of context.'),
  card: cardSchema
    .optional()
    .describe('What it is like, believed until its engine or its answers say otherwise.'),
});
