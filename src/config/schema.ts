/** The shape of the configuration file. Imports the names of modes and policies, the defaults and `zod`. */

import { z } from 'zod';
import { modeNames } from '../core/mode.ts';
import { policyNames } from '../core/policies.ts';
import { authSchema } from './auth-schema.ts';
import { autoSchema } from './auto-schema.ts';
import { backendSchema } from './backend-schema.ts';
import { defaults } from './defaults.ts';
import { parseListen } from './listen.ts';
import { allowedOptions, buckets, modelSchema } from './model-schema.ts';
import { amount, durationMs, hostName, modelName, name, origin, sizeBytes } from './scalars.ts';
import { stateSchema } from './state-schema.ts';

const timeouts = z.strictObject({
  headersMs: durationMs(1)
    .default(defaults.timeouts.headersMs)
    .describe('Without response headers for this long, the host is asked whether it lives.'),
  firstContentMs: durationMs(1)
    .default(defaults.timeouts.firstContentMs)
    .describe('From dispatch to the first content, model loads included.'),
  betweenChunksMs: durationMs(1)
    .default(defaults.timeouts.betweenChunksMs)
    .describe('Longest silence inside a stream.'),
  totalMs: durationMs(0)
    .default(defaults.timeouts.totalMs)
    .describe('Longest a request may take; 0 is no limit.'),
  drainMs: durationMs(0)
    .default(defaults.timeouts.drainMs)
    .describe('What running streams are given at shutdown; 0 ends them at once.'),
});

const heartbeat = z.strictObject({
  afterMs: durationMs(0)
    .default(defaults.heartbeat.afterMs)
    .describe('Silence before the first sign of life; 0 turns heartbeats off.'),
  everyMs: durationMs(1).default(defaults.heartbeat.everyMs).describe('Between signs of life.'),
});

const queue = z.strictObject({
  maxRequests: z
    .int()
    .min(0)
    .default(defaults.queue.maxRequests)
    .describe('Requests that may wait for a slot.'),
  maxBodyBytes: sizeBytes
    .prefault(defaults.queue.maxBodyBytes)
    .describe('Bytes all waiting bodies may hold together.'),
  maxWaitMs: durationMs(1)
    .default(defaults.queue.maxWaitMs)
    .describe('Longest wait for a slot where a person waits.'),
  maxBatchWaitMs: durationMs(1)
    .default(defaults.queue.maxBatchWaitMs)
    .describe('Longest wait for a slot of the class batch.'),
  keyShare: amount(0.01, 1)
    .default(defaults.queue.keyShare)
    .describe('Share of the places and bytes one key may hold while others want in.'),
  interactiveShare: amount(1, 1000)
    .default(defaults.queue.interactiveShare)
    .describe('Parts of the work for those who wait in person, for each that goes to batch.'),
});

const requests = z.strictObject({
  policy: z
    .boolean()
    .default(defaults.requests.policy)
    .describe('Whether a request may choose its strategy by the header x-pointsman-policy.'),
  intentSuffixes: z
    .boolean()
    .default(defaults.requests.intentSuffixes)
    .describe('Whether :fast and :heavy behind the name of a model are read as the intent.'),
});

const affinity = z.strictObject({
  sessions: z
    .boolean()
    .default(defaults.affinity.sessions)
    .describe('Whether a session that a request names stays on its backend.'),
  prefixes: z
    .boolean()
    .default(defaults.affinity.prefixes)
    .describe('Whether a conversation stays where its beginning is held.'),
});

const context = z.strictObject({
  buckets: buckets.default([...defaults.context.buckets]),
  allowedOptions: allowedOptions.default([...defaults.context.allowedOptions]),
});

const limits = z.strictObject({
  maxFirstTokenMs: durationMs(1)
    .optional()
    .describe('cost_optimized: the latest first token that is expected of a backend.'),
  minReliability: amount(0, 1)
    .optional()
    .describe('cost_optimized: the least share of requests that end well.'),
});

const retryBudget = z.strictObject({
  tokens: amount(0, 1_000_000)
    .default(defaults.retryBudget.tokens)
    .describe('Second attempts that may be made at once.'),
  perRequest: amount(0, 10)
    .default(defaults.retryBudget.perRequest)
    .describe('Second attempts that each request adds.'),
  perSecond: amount(0, 1000)
    .default(defaults.retryBudget.perSecond)
    .describe('Second attempts that each second adds.'),
});

const decisions = z.strictObject({
  keep: z
    .int()
    .min(0)
    .max(100_000)
    .default(defaults.decisions.keep)
    .describe('How many of the last decisions can be asked for; 0: none.'),
});

const responses = z.strictObject({
  maxBytes: sizeBytes
    .prefault(defaults.responses.maxBytes)
    .describe('Bytes all stored responses may hold together; 0: none are stored.'),
  maxKeyBytes: sizeBytes
    .prefault(defaults.responses.maxKeyBytes)
    .describe('Bytes those of one key may hold.'),
  keepMs: durationMs(1)
    .default(defaults.responses.keepMs)
    .describe('How long a response is stored after its last use.'),
});

const egress = z.strictObject({
  images: z
    .array(
      z
        .string()
        .regex(
          /^(\*\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?(:\d{1,5})?$/,
          'must be a host such as images.example or *.images.example',
        ),
    )
    .default([])
    .describe('Hosts whose images are fetched for models that want them as bytes; none: a URL is refused.'),
});

const probe = z.strictObject({
  intervalMs: durationMs(1).default(defaults.probe.intervalMs).describe('Between two looks at a backend.'),
  timeoutMs: durationMs(1).default(defaults.probe.timeoutMs).describe('Longest such a look may take.'),
});

const breaker = z.strictObject({
  failures: z
    .int()
    .min(1)
    .default(defaults.breaker.failures)
    .describe('Failures in a row before a model is left alone on a backend.'),
  openMs: durationMs(1).default(defaults.breaker.openMs).describe('For how long the first time.'),
  maxOpenMs: durationMs(1).default(defaults.breaker.maxOpenMs).describe('For how long at most.'),
});

const http = z.strictObject({
  allowedHosts: z
    .array(hostName)
    .default([])
    .describe('Host names callers may use besides loopback, this host and host.docker.internal.'),
  allowedOrigins: z.array(origin).default([]).describe('Origins of web pages that may call; * is any.'),
  maxBodyBytes: sizeBytes.prefault(defaults.http.maxBodyBytes).describe('Largest request body.'),
  maxDepth: z
    .int()
    .min(1)
    .max(1_000)
    .default(defaults.http.maxDepth)
    .describe('Deepest nesting of a JSON body.'),
  compressedBodies: z
    .boolean()
    .default(defaults.http.compressedBodies)
    .describe('Whether compressed request bodies are unpacked.'),
});

const log = z.strictObject({
  level: z
    .enum(['error', 'warn', 'info', 'debug'])
    .default(defaults.log.level)
    .describe('The least that is logged.'),
  requests: z.boolean().default(defaults.log.requests).describe('Whether each request is logged.'),
  decisions: z
    .boolean()
    .default(defaults.log.decisions)
    .describe('Whether the decision on each request is logged, as replay reads it.'),
});

/** The configuration file: unknown keys are refused everywhere, and each key carries the text editors show. */
export const configSchema = z.strictObject({
  listen: z
    .string()
    .refine(
      (text) => parseListen(text) !== undefined,
      'must be host:port, such as 127.0.0.1:5010 or [::1]:5010',
    )
    .default(defaults.listen)
    .describe('Where Pointsman listens, as host:port.'),
  insecure: z
    .boolean()
    .default(defaults.insecure)
    .describe('Allows listening beyond loopback without any key.'),
  backends: z
    .record(name, backendSchema)
    .default({})
    .describe('The engines, each under a name of your choice.'),
  models: z.record(modelName, modelSchema).default({}).describe('Models that have several names.'),
  auto: autoSchema.prefault({}).describe('How requests that leave their model open are served.'),
  strategy: z.enum(policyNames).default(defaults.strategy).describe('How a backend is chosen.'),
  weights: z
    .partialRecord(z.enum(policyNames), z.record(z.string(), z.number('must be a number')))
    .default({})
    .describe('Other weights for the scorers of a strategy, by strategy and scorer.'),
  limits: limits.prefault({}).describe('What cost_optimized must keep.'),
  region: name.optional().describe('Where Pointsman and its callers are, as the regions of backends.'),
  mode: z
    .enum(modeNames)
    .default(defaults.mode)
    .describe('Which backends may be used at all; it can be switched while Pointsman runs.'),
  requests: requests.prefault({}).describe('What a request may decide for itself.'),
  affinity: affinity.prefault({}).describe('What binds a conversation to a backend.'),
  context: context.prefault({}).describe('With what context models are run on Ollama.'),
  egress: egress.prefault({}).describe('What may be fetched for a request.'),
  maxAttempts: z
    .int()
    .min(1)
    .max(3)
    .default(defaults.maxAttempts)
    .describe('Backends a request may be tried on before its first content.'),
  timeouts: timeouts.prefault({}).describe('How long each phase of a request may take.'),
  heartbeat: heartbeat.prefault({}).describe('Signs of life to callers while nothing has come.'),
  queue: queue.prefault({}).describe('What waits when all slots are taken.'),
  probe: probe.prefault({}).describe('How backends are looked at.'),
  breaker: breaker.prefault({}).describe('When a model that fails on a backend is left alone there.'),
  retryBudget: retryBudget
    .prefault({})
    .describe('How many second attempts may be made; a time-out costs two, what may have been billed four.'),
  responses: responses
    .prefault({})
    .describe('What is stored of answers that later requests may continue by previous_response_id.'),
  decisions: decisions.prefault({}).describe('What is remembered of how requests were placed.'),
  state: stateSchema.prefault({}).describe('What instances share, so that one learns from the others.'),
  auth: authSchema.prefault({}).describe('Who may call.'),
  http: http.prefault({}).describe('What the front door lets in.'),
  log: log.prefault({}).describe('What is written to standard error.'),
});

/** What the schema gives: every default that does not depend on another key. */
export type ParsedConfig = z.infer<typeof configSchema>;

/** One backend of a configuration. */
export type BackendConfig = ParsedConfig['backends'][string] & { url: string };

/** A whole, checked configuration with every default filled in. */
export type Config = Omit<ParsedConfig, 'backends'> & { backends: Record<string, BackendConfig> };

/** One model of it. */
export type ModelConfig = Config['models'][string];
