/** The shape of what is configured for requests that leave their model open. Imports the defaults and `zod`. */

import { z } from 'zod';
import { engineCapabilityNames } from '../spec/vocabulary.ts';
import { defaults } from './defaults.ts';
import { amount, durationMs, modelName, name, sizeBytes, unlimited } from './scalars.ts';

const models = z.union([modelName, z.array(modelName).min(1)]);

const scoring = z.strictObject({
  performance: amount(0, 1000)
    .default(defaults.auto.scoring.performance)
    .describe('How much a soon answer counts.'),
  cost: amount(0, 1000).default(defaults.auto.scoring.cost).describe('How much a low price counts.'),
  reliability: amount(0, 1000)
    .default(defaults.auto.scoring.reliability)
    .describe('How much it counts that requests end well.'),
  capabilities: amount(0, 1000)
    .default(defaults.auto.scoring.capabilities)
    .describe('How much it counts that a model is made for the work.'),
});

const tiers = {
  small: models.optional().describe('Models for what is easy: one name, or several that are equals.'),
  medium: models.optional().describe('Models for what lies between.'),
  large: models.optional().describe('Models for what is hard.'),
  threshold: amount(0, 1)
    .default(defaults.auto.threshold)
    .describe('The complexity from which on the largest tier is wanted: 0.7 is about 30 % of usual prompts.'),
  mediumThreshold: amount(0, 1)
    .default(defaults.auto.mediumThreshold)
    .describe('The complexity from which on the middle one of three tiers is wanted.'),
  scoring: scoring.prefault({}).describe('What counts among models and backends of one tier.'),
};

const feedback = z.strictObject({
  path: z
    .string()
    .min(1)
    .optional()
    .describe('The file that feedback is kept in; none is taken where absent.'),
  maxBytes: sizeBytes
    .prefault(defaults.auto.feedback.maxBytes)
    .describe('The largest it gets; what is oldest makes room.'),
  prompts: z
    .boolean()
    .default(defaults.auto.feedback.prompts)
    .describe('Whether the prompts are kept beside the scores.'),
});

/** Groups of models, and what is learned of them. */
export const autoSchema = z.strictObject({
  ...tiers,
  groups: z
    .record(name, z.strictObject(tiers))
    .default({})
    .describe('Further groups that requests can ask for by name.'),
  listed: z
    .boolean()
    .default(defaults.auto.listed)
    .describe('Whether the groups stand among the models that clients are shown.'),
  weights: z.string().min(1).optional().describe('A file of weights in place of those that are built in.'),
  feedback: feedback.prefault({}).describe('What callers say of their answers.'),
});

/** What a key, as a request, may ask of models. */
export const constraintsSchema = z.strictObject({
  maxLatencyMs: durationMs(1)
    .optional()
    .describe('The latest expected answer, or first content of a stream.'),
  maxCostPerRequest: amount(0, unlimited).optional().describe('The highest expected price of a request.'),
  minReliability: amount(0, 1).optional().describe('The least share of requests that end well.'),
  preferredBackend: z.string().min(1).optional().describe('The backend or kind that goes first.'),
  requiredCapabilities: z
    .array(z.enum(engineCapabilityNames))
    .optional()
    .describe('What a model must be known to be able to do.'),
  excludedModels: z.array(modelName).optional().describe('Models that are not given to it.'),
  zone: z.enum(['local', 'cloud']).optional().describe('The only zone its requests may reach.'),
});

/** What is declared of a model. */
export const cardSchema = z.strictObject({
  contextTokens: z.int().min(1).max(unlimited).optional().describe('The longest context it can be given.'),
  capabilities: z
    .array(z.enum(engineCapabilityNames))
    .optional()
    .describe('What it can do, where its engine does not say.'),
  parameterSize: z
    .string()
    .regex(/^\d+(\.\d+)?[KMBT]$/i, 'must be a size such as 8B')
    .optional()
    .describe('Its size, which its tier follows from where tiers are automatic.'),
  tokensPerSecond: amount(0.01, 1_000_000)
    .optional()
    .describe('How fast it writes, until that was measured.'),
  price: z
    .strictObject({
      inputPerMillion: amount(0, unlimited).default(0).describe('What a million tokens read cost.'),
      outputPerMillion: amount(0, unlimited).default(0).describe('What a million tokens written cost.'),
    })
    .optional()
    .describe('What it costs, in place of the price of its backend.'),
});
