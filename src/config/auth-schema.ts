/** Who may call and how much, in the configuration file. Imports `zod`. */

import { z } from 'zod';
import { constraintsSchema } from './auto-schema.ts';
import { defaults } from './defaults.ts';
import { name, token } from './scalars.ts';

const keyLimits = z.strictObject({
  requestsPerMinute: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe('Requests a minute gives, and as many at once after a minute of rest.'),
  tokensPerMinute: z
    .int()
    .min(1)
    .max(1_000_000_000_000)
    .optional()
    .describe('Tokens a minute gives, read and written together.'),
});

const key = z.strictObject({
  name: name.describe('Who this key stands for, in logs and metrics.'),
  key: token.min(8).max(256).describe('The secret itself, best read from a file or a variable.'),
  scopes: z
    .array(z.enum(['inference', 'metrics', 'admin', 'cluster']))
    .min(1)
    .default([...defaults.auth.scopes])
    .describe('What the key may do.'),
  localOnly: z
    .boolean()
    .default(defaults.auth.localOnly)
    .describe('Whether its requests never reach a cloud backend.'),
  class: z
    .enum(['interactive', 'batch'])
    .default(defaults.auth.class)
    .describe('Whether a person waits for its answers, or a job runs.'),
  constraints: constraintsSchema.optional().describe('What models its requests may be given.'),
  limits: keyLimits.optional().describe('What the key may use.'),
});

/** The keys that callers show. */
export const authSchema = z.strictObject({
  keys: z.array(key).default([]).describe('Keys that callers must show; none means that nobody is asked.'),
  basic: z
    .boolean()
    .default(defaults.auth.basic)
    .describe('Whether a key may come as the password of Basic.'),
});
