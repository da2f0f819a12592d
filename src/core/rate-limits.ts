/**
 * What a provider says of its limits in the headers of an answer: OpenAI's and Azure's, OpenRouter's, Anthropic's, and
 * HTTP's own. The one place that reads them. Pure: the wall clock is an argument. Imports spec and this folder.
 */

import { asArray, asObject, asString, type Json } from '../spec/json.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { parseGoDuration } from './go-duration.ts';

/** Headers of an answer, by lower-cased name. */
export interface LimitHeaders {
  get(name: string): string | null;
}

/** A limit: what is left of it, and when it is whole again. */
type LimitNames = readonly [remaining: string, reset: string];

const openAiLimits: readonly LimitNames[] = [
  ['x-ratelimit-remaining-requests', 'x-ratelimit-reset-requests'],
  ['x-ratelimit-remaining-tokens', 'x-ratelimit-reset-tokens'],
  ['x-ratelimit-remaining', 'x-ratelimit-reset'],
];

const anthropicLimits: readonly LimitNames[] = [
  ['anthropic-ratelimit-requests-remaining', 'anthropic-ratelimit-requests-reset'],
  ['anthropic-ratelimit-tokens-remaining', 'anthropic-ratelimit-tokens-reset'],
  ['anthropic-ratelimit-input-tokens-remaining', 'anthropic-ratelimit-input-tokens-reset'],
  ['anthropic-ratelimit-output-tokens-remaining', 'anthropic-ratelimit-output-tokens-reset'],
];

const limits: readonly LimitNames[] = [...openAiLimits, ...anthropicLimits];

/** Beyond these a bare number is no duration in seconds but a time since 1970, in seconds or in milliseconds. */
const leastUnixSeconds = 1e9;
const leastUnixMs = 1e12;

const fromNow = (at: Millis, wallMs: Millis): Millis => Math.max(0, at - wallMs);

/**
 * How long from now: seconds, a Go duration such as `6m0s`, a date or an RFC 3339 time, or seconds or milliseconds since
 * 1970. Undefined for what is none of them.
 */
export const waitIn = (text: string | null, wallMs: Millis): Millis | undefined => {
  const trimmed = text?.trim() ?? '';
  if (trimmed === '') return undefined;
  const number = Number(trimmed);
  if (Number.isFinite(number)) {
    if (number >= leastUnixMs) return fromNow(number, wallMs);
    return number >= leastUnixSeconds ? fromNow(number * 1000, wallMs) : Math.max(0, number * 1000);
  }
  const duration = parseGoDuration(trimmed);
  if (duration !== undefined) return Math.max(0, duration);
  const at = Date.parse(trimmed);
  return Number.isNaN(at) ? undefined : fromNow(at, wallMs);
};

const isSpent = (remaining: string | null): boolean =>
  remaining !== null && remaining.trim() !== '' && Number(remaining) <= 0;

/** What the provider's clock showed when it said so: its own dates are counted from it, whatever the clock here shows. */
const toldAt = (headers: LimitHeaders, wallMs: Millis): Millis => {
  const at = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(at) ? wallMs : at;
};

/** How long nothing is left of some limit; undefined while something is left of all that are told. */
export const spentFor = (headers: LimitHeaders, wallMs: Millis): Millis | undefined => {
  let longest: Millis | undefined;
  for (let index = 0; index < limits.length; index += 1) {
    const [remaining = '', reset = ''] = limits[index] ?? [];
    if (!isSpent(headers.get(remaining))) continue;
    const waitMs = waitIn(headers.get(reset), toldAt(headers, wallMs));
    if (waitMs !== undefined && waitMs > (longest ?? 0)) longest = waitMs;
  }
  return longest;
};

/** When a refused request may be sent again: as the provider asks, else when its spent limits are whole again. */
export const retryAfterIn = (headers: LimitHeaders, wallMs: Millis): Millis | undefined => {
  const exact = Number(headers.get('retry-after-ms') ?? Number.NaN);
  if (Number.isFinite(exact)) return Math.max(0, exact);
  return waitIn(headers.get('retry-after'), toldAt(headers, wallMs)) ?? spentFor(headers, wallMs);
};

const retryInfo = 'google.rpc.RetryInfo';

/** The same from the body of a refusal, where Google says it and sends no header; undefined for every other body. */
export const retryDelayIn = (body: Json | undefined, wallMs: Millis): Millis | undefined => {
  for (const value of asArray(asObject(asObject(body)?.error)?.details) ?? []) {
    const detail = asObject(value);
    if (asString(detail?.['@type'])?.endsWith(retryInfo)) {
      return waitIn(asString(detail?.retryDelay) ?? null, wallMs);
    }
  }
  return undefined;
};
