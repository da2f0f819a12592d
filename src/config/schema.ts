/** The shape of the configuration file; imports the registries of kinds and policies, and the defaults. */

import { z } from 'zod';
import { backendKinds } from '../backends/registry.ts';
import { policyNames } from '../core/policies.ts';
import { backendUrlProblem } from './backend-url.ts';
import { defaults } from './defaults.ts';
import { parseListen } from './listen.ts';
import { parseSizeBytes, sizeForm } from './size.ts';

/** Longer delays overflow the timers of every runtime and would fire at once. */
const longestMs = 2 ** 31 - 1;

const durationMs = (least: 0 | 1) => z.int().min(least).max(longestMs);

const sizeMessage = 'must be a number of bytes above 0, or a text such as "64MiB"';

const sizeBytes = z.union(
  [
    z.int().min(1, sizeMessage),
    z
      .string()
      .regex(sizeForm)
      .transform((text) => parseSizeBytes(text) ?? 0)
      .refine((bytes) => bytes > 0 && Number.isSafeInteger(bytes), sizeMessage),
  ],
  sizeMessage,
);

const name = z
  .string()
  .min(1)
  .max(64)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'must be letters, digits, dots, dashes and underscores, and begin with a letter or digit',
  );

const modelName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^\P{Cc}*$/u, 'must be one line of text');

const token = z.string().regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces');

const hostName = z
  .string()
  .regex(
    /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?)$/,
    'must be a host name without scheme and port',
  );

const origin = z
  .string()
  .regex(
    /^[a-z][a-z0-9+.-]*:\/\/[^/\s?#]+$/,
    'must be an origin such as https://chat.example, without a path',
  );

const backend = z.strictObject({
  kind: z.enum(backendKinds.map(({ kind }) => kind)).describe('What kind of engine answers there.'),
  url: z
    .string()
    .superRefine((text, context) => {
      const problem = backendUrlProblem(text);
      if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
    })
    .describe('Base URL of the engine, http or https, without credentials or query.'),
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
  apiKey: token.optional().describe('Sent to this backend as a bearer token; empty means none.'),
  headers: z.record(z.string(), z.string()).optional().describe('Further headers sent to this backend.'),
  preset: z
    .enum(backendKinds.flatMap(({ presets }) => presets ?? []))
    .optional()
    .describe('Which server an openai-compatible backend is.'),
});

const model = z.strictObject({
  aliases: z.array(modelName).default([]).describe('Further names clients may ask for.'),
  names: z
    .record(z.string(), modelName)
    .default({})
    .describe('The name the model has on a backend, by backend id or kind.'),
});

const key = z.strictObject({
  name: name.describe('Who this key stands for, in logs and metrics.'),
  key: token.min(8).max(256).describe('The secret itself, best read from a file or a variable.'),
  scopes: z
    .array(z.enum(['inference', 'metrics', 'admin']))
    .min(1)
    .default([...defaults.auth.scopes])
    .describe('What the key may do.'),
});

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
  maxWaitMs: durationMs(1).default(defaults.queue.maxWaitMs).describe('Longest wait for a slot.'),
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

const auth = z.strictObject({
  keys: z.array(key).default([]).describe('Keys that callers must show; none means that nobody is asked.'),
  basic: z
    .boolean()
    .default(defaults.auth.basic)
    .describe('Whether a key may come as the password of Basic.'),
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
  backends: z.record(name, backend).default({}).describe('The engines, each under a name of your choice.'),
  models: z.record(modelName, model).default({}).describe('Models that have several names.'),
  strategy: z.enum(policyNames).default(defaults.strategy).describe('How a backend is chosen.'),
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
  auth: auth.prefault({}).describe('Who may call.'),
  http: http.prefault({}).describe('What the front door lets in.'),
  log: log.prefault({}).describe('What is written to standard error.'),
});

/** A whole, checked configuration with every default filled in. */
export type Config = z.infer<typeof configSchema>;

/** One backend of it. */
export type BackendConfig = Config['backends'][string];
