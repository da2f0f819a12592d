/** The JSON Schema of the configuration file, for editors. Imports spec and `zod`. */

import { z } from 'zod';
import type { JsonObject } from '../spec/json.ts';
import { configSchema } from './schema.ts';

/** Draft 7, which every editor's YAML support reads; describes the file as written, before defaults. */
export const configJsonSchema = (): JsonObject => ({
  title: 'Pointsman configuration',
  ...(z.toJSONSchema(configSchema, { io: 'input', target: 'draft-7' }) as JsonObject),
});
