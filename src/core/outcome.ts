/** What the end of an attempt means and what follows from it: the one classifier table. Pure; imports spec. */

import type { ErrorCode } from '../spec/gateway-error.ts';
import {
  absentNeedles,
  authNeedles,
  cancelNeedles,
  contextNeedles,
  crashNeedles,
  driverNeedles,
  memoryNeedles,
  moderationNeedles,
  overloadNeedles,
  quotaNeedles,
  rateNeedles,
  timeoutNeedles,
  unableNeedles,
} from './outcome-needles.ts';

export { classifyTransport } from './classify-transport.ts';

export type OutcomeClass =
  | 'network'
  | 'overload'
  | 'rate'
  | 'quota'
  | 'model'
  | 'vram'
  | 'driver'
  | 'crash'
  | 'loading'
  | 'auth'
  | 'client'
  | 'context'
  | 'timeout'
  | 'cancel';

/** A failed attempt as the shell saw it: how far it came and what the engine said, unwrapped from its dialect. */
export interface Failure {
  readonly phase: 'connect' | 'before-headers' | 'status' | 'before-content' | 'mid-stream';
  /** Absent, or below 300, where the failure came inside an answer that had begun well. */
  readonly status?: number;
  readonly message: string;
}

export interface Consequence {
  readonly retry: 'elsewhere' | 'never';
  /** Weight against what `scope` names; 0 for what says nothing about its health. */
  readonly counts: 0 | 1 | 2;
  readonly scope: 'host' | 'pair' | 'none';
  /** What the client is told if nothing else works. */
  readonly code: ErrorCode;
  /**
   * Why the pair is left alone although it is not broken: the model is not there, the engine has no free place, set a
   * limit or refuses the credentials; `pinned`: the model does not fit into the host's memory.
   */
  readonly flag?: 'absent' | 'busy' | 'limited' | 'refused' | 'pinned';
}

/** What each class does, as far as the class alone tells; `consequence` knows the finer cases. */
export const consequenceOf: Readonly<Record<OutcomeClass, Consequence>> = {
  network: { retry: 'elsewhere', counts: 1, scope: 'host', code: 'upstream_unreachable' },
  overload: { retry: 'elsewhere', counts: 0, scope: 'pair', code: 'overloaded', flag: 'busy' },
  rate: { retry: 'elsewhere', counts: 0, scope: 'pair', code: 'rate_limited', flag: 'limited' },
  quota: { retry: 'elsewhere', counts: 0, scope: 'pair', code: 'rate_limited', flag: 'limited' },
  model: { retry: 'elsewhere', counts: 0, scope: 'pair', code: 'model_not_found', flag: 'absent' },
  // Asking again to see whether it fits costs such a host every model it holds, so the pair is pinned away instead.
  vram: { retry: 'elsewhere', counts: 0, scope: 'pair', code: 'upstream_error', flag: 'pinned' },
  driver: { retry: 'elsewhere', counts: 2, scope: 'pair', code: 'upstream_error' },
  crash: { retry: 'elsewhere', counts: 2, scope: 'pair', code: 'upstream_error' },
  loading: { retry: 'elsewhere', counts: 0, scope: 'pair', code: 'model_loading', flag: 'busy' },
  // A refused key stays refused until somebody changes it, and says nothing of the engine's health.
  auth: { retry: 'elsewhere', counts: 0, scope: 'pair', code: 'upstream_error', flag: 'refused' },
  client: { retry: 'never', counts: 0, scope: 'none', code: 'invalid_request' },
  context: { retry: 'never', counts: 0, scope: 'none', code: 'context_too_long' },
  timeout: { retry: 'elsewhere', counts: 1, scope: 'pair', code: 'timeout' },
  cancel: { retry: 'never', counts: 0, scope: 'none', code: 'canceled' },
};

/** Statuses that settle the class whatever the text says. */
const classOfStatus: ReadonlyMap<number, OutcomeClass> = new Map<number, OutcomeClass>([
  [401, 'auth'],
  [402, 'auth'],
  [404, 'model'],
  [405, 'model'],
  [408, 'timeout'],
  [412, 'model'],
  [499, 'cancel'],
  [501, 'model'],
  [504, 'timeout'],
  [529, 'overload'],
]);

const holds = (text: string, needles: readonly string[]): boolean => {
  for (const needle of needles) if (text.includes(needle)) return true;
  return false;
};

/** Texts beyond this are stderr dumps whose telling part has passed. */
const maxSearchedCharacters = 16_384;

const missingModel = /\bmodel\b.*\b(?:not found|does not exist)/;
const tooBig = /\bmodel requires \S+ \S+ but only\b/;

/** Ollama's exception: with this last line its runner is trying again by itself. */
const recovering = (text: string): boolean => {
  const trimmed = text.trimEnd();
  return trimmed.slice(trimmed.lastIndexOf('\n') + 1).includes('retrying without pipeline parallelism');
};

const outOfMemory = (text: string): boolean =>
  (holds(text, memoryNeedles) || tooBig.test(text)) && !recovering(text);

/** Faults of the request that Ollama reports as 500, with the caller's own words in them: they come before any search. */
const blamesRequest = (text: string): boolean =>
  text.startsWith('invalid format:') ||
  text.startsWith('invalid json schema in format') ||
  (text.startsWith('option "') && text.includes('must be of type'));

/** DMR appends the runner's whole log, which mentions everything; only memory and driver words count in there. */
const beforeLog = (text: string): string => {
  const at = text.indexOf('verbose output:');
  return at < 0 ? text : text.slice(0, at);
};

/** A host that cannot reach the cloud for us, but not one that cannot reach its own runner. */
const lostFurtherOn = (text: string): boolean =>
  text.includes('dial tcp') && !text.includes('dial tcp 127.') && !text.includes('dial tcp [::1]');

const missing = (text: string): boolean => holds(text, absentNeedles) || missingModel.test(text);

/** Memory before crash, because an engine appends the memory line to its crash sentence. */
const classifyServerText = (text: string, status: number | undefined): OutcomeClass => {
  if (blamesRequest(text)) return 'client';
  if (outOfMemory(text)) return 'vram';
  if (holds(text, driverNeedles)) return 'driver';
  const head = beforeLog(text);
  if (holds(head, overloadNeedles)) return 'overload';
  if (status === 503 && head.includes('loading model') && !head.includes('error loading')) return 'loading';
  if (holds(head, quotaNeedles)) return 'quota';
  if (holds(head, rateNeedles)) return 'rate';
  if (holds(head, authNeedles)) return 'auth';
  if (holds(head, cancelNeedles)) return 'cancel';
  if (holds(head, contextNeedles)) return 'context';
  if (missing(head) || holds(head, unableNeedles)) return 'model';
  if (holds(head, crashNeedles)) return 'crash';
  if (lostFurtherOn(head)) return 'network';
  return holds(head, timeoutNeedles) ? 'timeout' : 'crash';
};

/** Anthropic answers an empty account as a bad request; at its beginning the sentence is no quotation of the caller's. */
const outOfCredit = (text: string): boolean => text.startsWith('your credit balance is too low');

/** A key that may not use one model is a good key for others, and what a provider will not answer is nobody's key. */
const barredModel = /\b(?:does not|doesn't|do not) have access to (?:the )?model\b/;

const classifyForbidden = (text: string): OutcomeClass => {
  if (barredModel.test(text)) return 'model';
  return holds(text, moderationNeedles) ? 'client' : 'auth';
};

const classifyClientText = (text: string): OutcomeClass => {
  if (outOfCredit(text)) return 'quota';
  if (holds(text, authNeedles)) return 'auth';
  if (holds(text, contextNeedles)) return 'context';
  return missingModel.test(text) || holds(text, unableNeedles) ? 'model' : 'client';
};

/**
 * Names a failure. Phase and status decide before any text is searched; a 4xx is never searched for memory or crash
 * words, since it may quote the caller, who must not be able to set a host aside.
 * The caller's own abort is not seen here: the shell knows it before it asks.
 */
export const classify = ({ phase, status, message }: Failure): OutcomeClass => {
  if (phase === 'connect') return 'network';
  if (phase === 'before-headers') return message.includes('timed out') ? 'timeout' : 'network';
  if (status !== undefined) {
    const settled = classOfStatus.get(status);
    if (settled !== undefined) return settled;
    // A redirect is not followed: whatever sent it is not the engine that was configured.
    if (status >= 300 && status < 400) return 'crash';
  }
  const text = message.slice(0, maxSearchedCharacters).toLowerCase();
  if (status === 403) return classifyForbidden(text);
  // OpenAI's word for a request that no limit of the account will ever let pass; no key is at fault for it.
  if (status === 429 && text.startsWith('request too large')) return 'context';
  if (status === 429) return holds(text, quotaNeedles) ? 'quota' : 'rate';
  return status !== undefined && status >= 400 && status < 500
    ? classifyClientText(text)
    : classifyServerText(text, status);
};

const lostPair: Consequence = { ...consequenceOf.network, scope: 'pair' };
const unexplained: Consequence = { ...consequenceOf.crash, counts: 1 };

/** What a model makes of its tools says nothing of the engine that runs it. */
const miswritten: Consequence = { ...consequenceOf.crash, counts: 0 };

const strained: Consequence = { ...consequenceOf.overload, flag: 'limited' };

const cannotHere = (code: ErrorCode): Consequence => ({ retry: 'elsewhere', counts: 0, scope: 'pair', code });
const unable = cannotHere('invalid_request');
const notImplemented = cannotHere('not_implemented');
const unloadable: Consequence = { ...consequenceOf.model, code: 'upstream_error' };

/** The 404 of a path, not of a model: llama.cpp, gin and plain servers have no other words for it. */
const pathNotFound = /^(?:404 page not found|file not found|not found|404 not found)$/;

const modelConsequence = ({ status, message }: Failure): Consequence => {
  const text = message.slice(0, maxSearchedCharacters).trim().toLowerCase();
  if (status === 403) return consequenceOf.model;
  if (status === 404) return pathNotFound.test(text) ? notImplemented : consequenceOf.model;
  if (status === 405 || status === 501) return notImplemented;
  if (status === 400) return unable;
  if (status === 412) return unloadable;
  return missing(beforeLog(text)) ? unloadable : unable;
};

const clientCodes: ReadonlyMap<number | undefined, ErrorCode> = new Map<number, ErrorCode>([
  [413, 'payload_too_large'],
  [415, 'unsupported_media_type'],
  [422, 'unprocessable'],
]);

/**
 * What follows from a failure whose class is known. Three classes need more than their name: a connection lost after
 * the request was sent tells of the pair and not of the host; an error nobody explained weighs less than a dead runner;
 * and a model that cannot do what was asked is still there for others.
 */
export const consequence = (outcome: OutcomeClass, failure: Failure): Consequence => {
  // A provider's own overload, which passes no sooner for being asked again.
  if (outcome === 'overload' && failure.status === 529) return strained;
  if (outcome === 'network') return failure.phase === 'connect' ? consequenceOf.network : lostPair;
  if (outcome === 'model') return modelConsequence(failure);
  if (outcome === 'crash') {
    const text = failure.message.slice(0, maxSearchedCharacters).toLowerCase();
    if (text.startsWith('the model wrote')) return miswritten;
    return holds(text, crashNeedles) ? consequenceOf.crash : unexplained;
  }
  if (outcome === 'client') {
    const code = clientCodes.get(failure.status);
    return code === undefined ? consequenceOf.client : { ...consequenceOf.client, code };
  }
  return consequenceOf[outcome];
};
