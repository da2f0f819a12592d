/** The two files a simulation is described in, a fleet and a load, as shapes and from text. Imports spec and `zod`. */

import { z } from 'zod';
import { backendKinds } from '../backends/registry.ts';
import type { Json } from '../spec/json.ts';
import { problemLines } from './problem-lines.ts';
import { readYaml } from './read-yaml.ts';
import { configSchema } from './schema.ts';
import { parseSizeBytes, sizeForm } from './size.ts';

const sizeBytes = z.union(
  [
    z.int().min(0),
    z
      .string()
      .regex(sizeForm)
      .transform((text) => parseSizeBytes(text) ?? 0),
  ],
  'must be a number of bytes, or a text such as "24GiB"',
);

const rate = z.number().positive();

const rates = z.strictObject({
  prefillTokensPerSecond: rate.optional(),
  decodeTokensPerSecond: rate.optional(),
  loadBytesPerSecond: sizeBytes.optional(),
  sharing: z.number().min(0).max(1).optional(),
  referenceBytes: sizeBytes.optional(),
});

const host = z.strictObject({
  kind: z.enum(backendKinds.map(({ kind }) => kind).filter((kind) => kind !== 'peer')),
  preset: z.enum(['llama.cpp', 'vllm', 'lm-studio']).optional(),
  /** So many hosts of this description, numbered from 1. */
  count: z.int().min(1).max(100).default(1),
  lane: z.enum(['gpu', 'cpu', 'container', 'cloud', 'peer']).optional(),
  profile: z.enum(['gpu', 'cpu', 'container']).optional(),
  rates: rates.optional(),
  vram: sizeBytes.optional(),
  ram: sizeBytes.optional(),
  slots: z.int().min(1).default(1),
  models: z.array(z.string().min(1)).min(1),
  preload: z.array(z.string().min(1)).optional(),
  contextTokens: z.int().min(256).optional(),
  keepAliveSeconds: z.number().min(0).optional(),
  roundTripMs: z.number().min(0).default(0),
  /** Further keys of the backend, as in the configuration file. */
  backend: z.record(z.string(), z.json()).default({}),
});

const fleetSchema = z.strictObject({
  hosts: z.record(z.string().regex(/^[a-z0-9][a-z0-9-]*$/i, 'must be letters, digits and dashes'), host),
  /** Keys of the configuration file, beside those the simulation sets itself. */
  settings: z.record(z.string(), z.json()).default({}),
});

/** A fleet as its file describes it. */
export type FleetFile = z.infer<typeof fleetSchema>;

/** One host of it, or several of a kind. */
export type FleetHost = FleetFile['hosts'][string];

/** A quantity that varies: a fixed number, or lognormal by its median and the value 95 of 100 stay below. */
const quantity = z.union(
  [
    z
      .number()
      .min(0)
      .transform((value) => ({ median: value, p95: value, max: value })),
    z
      .strictObject({
        median: z.number().positive(),
        p95: z.number().positive().optional(),
        max: z.number().positive().optional(),
      })
      .transform(({ median, p95 = median, max = 4 * Math.max(median, p95) }) => ({ median, p95, max }))
      .refine(({ median, p95 }) => p95 >= median),
  ],
  'must be a number, or median with p95 (not below it) and max',
);

/** How a quantity varies. */
export type Quantity = z.infer<typeof quantity>;

const share = z.union(
  [
    z.number().min(0).max(1),
    z
      .string()
      .regex(/^(100|\d{1,2}(\.\d+)?)%$/)
      .transform((text) => Number.parseFloat(text) / 100),
  ],
  'must be a share such as 0.05 or "5%"',
);

const loadClass = z.strictObject({
  /** How many conversations begin in this class, against the others. */
  share: z.number().positive().default(1),
  protocol: z.enum(['ollama', 'openai-chat']).default('openai-chat'),
  stream: z.boolean().default(true),
  /** Weights by the name clients ask for. */
  models: z.record(z.string(), z.number().positive()),
  promptTokens: quantity,
  /** A text the first question brings along, beside its own words. */
  documentTokens: quantity.prefault(0),
  answerTokens: quantity,
  turns: quantity.prefault(1),
  thinkSeconds: quantity.prefault({ median: 20, p95: 90 }),
  /** A text before the conversation that many share; `variants` says how many different ones there are. */
  system: z.strictObject({ tokens: z.int().min(1), variants: z.int().min(1).default(1) }).optional(),
  /** Callers who leave before their answer is complete. */
  leaves: share.prefault(0),
  leavesAfterSeconds: quantity.prefault({ median: 5, p95: 30 }),
  /** Sent with each request, such as an intent. */
  headers: z.record(z.string().regex(/^[a-z0-9-]+$/i), z.string()).default({}),
});

/** One class of callers. */
export type LoadClass = z.infer<typeof loadClass>;

const arrivals = z.union(
  [
    z
      .number()
      .positive()
      .transform((perSecond) => ({ perSecond })),
    z
      .string()
      .regex(/^\d{1,4}(\.\d+)?%$/)
      .transform((text) => ({ ofCapacity: Number.parseFloat(text) / 100 }))
      .refine(({ ofCapacity }) => ofCapacity > 0),
  ],
  'must be requests per second above 0, or a share of the fleet\'s capacity such as "70%"',
);

/** How often requests come, in the long run and all classes together. */
export type Arrivals = z.infer<typeof arrivals>;

const loadSchema = z.strictObject({
  arrivals: arrivals.prefault('70%'),
  classes: z.record(z.string().min(1), loadClass),
});

/** A load as its file describes it. */
export type LoadFile = z.infer<typeof loadSchema>;

/** What a file says, or what is wrong with it, one line each. */
export type Checked<T> = { readonly value: T } | { readonly problems: readonly string[] };

const checked = <T>(schema: z.ZodType<T>, tree: Json): Checked<T> => {
  const { data, error } = schema.safeParse(tree);
  return error === undefined ? { value: data } : { problems: problemLines(error.issues, tree, schema) };
};

const notEmpty = (keys: object, path: string): readonly string[] =>
  Object.keys(keys).length === 0 ? [`${path}: must not be empty`] : [];

/** These are what a simulation varies or stands on; a fleet that set them would contradict the command line. */
const reserved = ['backends', 'listen', 'auth', 'strategy', 'log'];

/** Checks a fleet; what it passes on to the configuration is checked again where that is built. */
export const checkFleet = (tree: Json): Checked<FleetFile> => {
  const result = checked(fleetSchema, tree);
  if ('problems' in result) return result;
  const { hosts, settings } = result.value;
  const known = Object.keys(configSchema.shape).filter((key) => !reserved.includes(key));
  const problems = [
    ...notEmpty(hosts, 'hosts'),
    ...Object.keys(settings)
      .filter((key) => !known.includes(key))
      .map((key) => `settings.${key}: must be one of ${known.join(', ')}`),
  ];
  return problems.length > 0 ? { problems } : result;
};

/** Checks a load. */
export const checkLoad = (tree: Json): Checked<LoadFile> => {
  const result = checked(loadSchema, tree);
  if ('problems' in result) return result;
  const { classes } = result.value;
  const problems = [
    ...notEmpty(classes, 'classes'),
    ...Object.entries(classes).flatMap(([name, { models }]) => notEmpty(models, `classes.${name}.models`)),
  ];
  return problems.length > 0 ? { problems } : result;
};

/** Reads how often requests come as the command line writes it; undefined where it is neither a rate nor a share. */
export const parseArrivals = (text: string): Arrivals | undefined => {
  const perSecond = /^\d+(\.\d+)?\/s$/.test(text) ? Number.parseFloat(text) : text;
  return arrivals.safeParse(perSecond).data;
};

const fromText = <T>(text: string, check: (tree: Json) => Checked<T>): Checked<T> => {
  const yaml = readYaml(text);
  return 'problems' in yaml ? yaml : check(yaml.value ?? {});
};

/** A fleet from the text of its file. */
export const parseFleet = (text: string): Checked<FleetFile> => fromText(text, checkFleet);

/** A load from the text of its file. */
export const parseLoad = (text: string): Checked<LoadFile> => fromText(text, checkLoad);
