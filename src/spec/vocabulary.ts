/** The closed sets of words the whole program shares; imports nothing. */

/** A wire dialect: the same names on the front and behind. */
export type ProtocolId = 'ollama' | 'openai-chat' | 'openai-responses' | 'anthropic' | 'gemini';

/** What a request asks for, whatever the dialect; `native` operations are passed or aggregated, never translated. */
export type Operation =
  | 'chat'
  | 'complete'
  | 'embed'
  | 'list-models'
  | 'list-loaded'
  | 'show-model'
  | 'version'
  | 'status'
  | 'account'
  | 'count-tokens'
  | 'manage-models'
  | Raw;

/** The operations that travel to a host and are planned, retried and relayed. */
export type Inference = 'chat' | 'complete' | 'embed';

/** The operations whose requests and answers pass as they are, whatever they hold. */
export const rawNames = [
  'transcription',
  'speech-translation',
  'speech',
  'image-generation',
  'moderation',
  'rerank',
] as const;

export type Raw = (typeof rawNames)[number];

/** All that hosts are asked for. */
export type Work = Inference | Raw;

/** What the hardware behind a backend is for. */
export type Lane = 'gpu' | 'cpu' | 'container' | 'cloud' | 'peer';

/** Data policy: `local` never leaves the machine or its LAN. */
export type Zone = 'local' | 'cloud';

/** What a caller wants of the placement: the first token soon, or a long job kept off the fast lane. */
export type Intent = 'fast' | 'heavy';

/** Which hosts may be used at all, switched at run time; `core/mode.ts` says what each leaves out. */
export type Mode = 'hybrid' | 'single' | 'fallback_only' | 'local_only';

/** How urgent a request is: a person waits, or a job runs. */
export type QueueClass = 'interactive' | 'batch';

/** What an engine says that a model can do, in Ollama's words (`capabilities` of /api/show), which other facts are mapped to. */
export const engineCapabilityNames = [
  'completion',
  'tools',
  'insert',
  'vision',
  'embedding',
  'thinking',
  'audio',
] as const;

/** All that a model can do. */
export const capabilityNames = [
  ...engineCapabilityNames,
  'transcription',
  'speech',
  'image-generation',
  'moderation',
  'rerank',
] as const;

export type Capability = (typeof capabilityNames)[number];

/**
 * What a model's template or a server does not take: a system role, two messages of one role in a row, calls of tools and
 * their results, the older name of the limit on an answer, the wish for a usage event, ways to choose words that OpenAI
 * does not have, and any way but its own.
 */
export const quirkNames = [
  'no-system-role',
  'alternating-roles',
  'tools-as-text',
  'max-completion-tokens',
  'no-stream-options',
  'no-extra-sampling',
  'default-sampling',
] as const;

export type Quirk = (typeof quirkNames)[number];

/** The configured name of a backend: what clients, logs and metrics may see of it. */
export type BackendId = string;

/** Milliseconds, as a duration or on the monotonic clock of one process. */
export type Millis = number;
