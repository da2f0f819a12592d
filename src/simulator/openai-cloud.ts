/**
 * OpenAI as a host: its errors and limits in front of the shared engine. What a key may do stands in its name, so that
 * every refusal can be had without an account: `sk-revoked…`, `sk-barred…`, `sk-broke…`, and `sk-small…`, whose limits are
 * met soon. Any other key is good.
 */

import { Hono } from 'hono';
import type { Clock } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { type Refusal, respond } from './exchange.ts';
import type { HostCore } from './host-core.ts';
import { openAiCloudFlavour } from './openai-flavour.ts';
import { createOpenAiApp } from './openai-host.ts';

const minuteMs: Millis = 60_000;
const requestsPerMinute = 500;
const smallRequestsPerMinute = 3;
const tokensPerMinute = 200_000;

/** What a key has left: a bucket that fills evenly. */
interface Account {
  readonly limit: number;
  remaining: number;
  filledAt: Millis;
}

const quota = 'You exceeded your current quota, please check your plan and billing details.';

const refusals: readonly (readonly [start: string, refusal: (key: string) => Refusal])[] = [
  [
    'sk-revoked',
    // The real one repeats the key too, with its middle hidden.
    (key) =>
      openAiCloudFlavour.error(
        401,
        'invalid_request_error',
        `Incorrect API key provided: ${key.slice(0, 10)}****${key.slice(-4)}. You can find your API key in your account.`,
        { code: 'invalid_api_key' },
      ),
  ],
  [
    'sk-barred',
    () =>
      openAiCloudFlavour.error(403, 'request_forbidden', 'Country, region, or territory not supported', {
        code: 'unsupported_country_region_territory',
      }),
  ],
  [
    'sk-broke',
    () => openAiCloudFlavour.error(429, 'insufficient_quota', quota, { code: 'insufficient_quota' }),
  ],
];

const missingKey = (): Refusal =>
  openAiCloudFlavour.error(
    401,
    'invalid_request_error',
    "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.",
  );

const duration = (waitMs: Millis): string =>
  waitMs < 1000 ? `${Math.max(1, Math.ceil(waitMs))}ms` : `${(waitMs / 1000).toFixed(3)}s`;

const wholeAgainMs = ({ limit, remaining }: Account): Millis => ((limit - remaining) * minuteMs) / limit;

const limitHeaders = (account: Account): Readonly<Record<string, string>> => ({
  'x-ratelimit-limit-requests': String(account.limit),
  'x-ratelimit-remaining-requests': String(Math.max(0, Math.floor(account.remaining))),
  'x-ratelimit-reset-requests': duration(wholeAgainMs(account)),
  'x-ratelimit-limit-tokens': String(tokensPerMinute),
  'x-ratelimit-remaining-tokens': String(tokensPerMinute - 1000),
  'x-ratelimit-reset-tokens': '300ms',
});

const createAccounts = (clock: Clock): ((key: string) => Account) => {
  const accounts = new Map<string, Account>();
  return (key) => {
    const now = clock.now();
    const limit = key.startsWith('sk-small') ? smallRequestsPerMinute : requestsPerMinute;
    const account = accounts.get(key) ?? { limit, remaining: limit, filledAt: now };
    accounts.set(key, account);
    const filled = ((now - account.filledAt) * limit) / minuteMs;
    account.remaining = Math.min(limit, account.remaining + filled);
    account.filledAt = now;
    return account;
  };
};

const limitMet = (account: Account): Refusal => {
  const waitMs = ((1 - account.remaining) * minuteMs) / account.limit;
  const refusal = openAiCloudFlavour.error(
    429,
    'requests',
    `Rate limit reached for requests per min (RPM): Limit ${account.limit}, Used ${account.limit}, Requested 1. Please try again in ${duration(waitMs)}.`,
    { code: 'rate_limit_exceeded' },
  );
  const headers = {
    'retry-after': String(Math.ceil(waitMs / 1000)),
    'retry-after-ms': String(Math.ceil(waitMs)),
  };
  return { ...refusal, headers };
};

/** Adds what OpenAI says of itself in the headers of every answer. */
const withHeaders = (response: Response, headers: Readonly<Record<string, string>>): Response => {
  const all = new Headers(response.headers);
  for (const [name, value] of Object.entries(headers)) all.set(name, value);
  return new Response(response.body, { status: response.status, headers: all });
};

/** Mounts OpenAI's surface over a core. */
export const createOpenAiCloudApp = (core: HostCore): Hono => {
  const inner = createOpenAiApp(core);
  // A failed connection is a failed fetch, not an answer with a status.
  inner.onError((problem) => {
    throw problem;
  });
  const accountOf = createAccounts(core.clock);
  const app = new Hono();
  app.all('*', async ({ req }) => {
    const own = { 'x-request-id': `req_${core.nextId()}`, 'openai-version': '2020-10-01' };
    const key = /^bearer (\S+)$/i.exec(req.raw.headers.get('authorization') ?? '')?.[1];
    if (key === undefined) return withHeaders(respond(missingKey()), own);
    const refusal = refusals.find(([start]) => key.startsWith(start))?.[1];
    // An empty account may still look at what there is.
    const isLooking = req.method === 'GET' && !key.startsWith('sk-revoked');
    if (refusal !== undefined && !isLooking) return withHeaders(respond(refusal(key)), own);
    if (req.method === 'GET') return withHeaders(await inner.fetch(req.raw), own);
    const account = accountOf(key);
    if (account.remaining < 1)
      return withHeaders(respond(limitMet(account)), { ...own, ...limitHeaders(account) });
    account.remaining -= 1;
    const startedAt = core.clock.now();
    const response = await inner.fetch(req.raw);
    const took = { 'openai-processing-ms': String(Math.ceil(core.clock.now() - startedAt)) };
    return withHeaders(response, { ...own, ...took, ...limitHeaders(account) });
  });
  return app;
};
