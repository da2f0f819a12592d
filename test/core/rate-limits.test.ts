import { describe, expect, test } from 'bun:test';
import { retryAfterIn, retryDelayIn, spentFor, waitIn } from '../../src/core/rate-limits.ts';
import type { Json } from '../../src/spec/json.ts';

const wallMs = Date.UTC(2026, 0, 2, 3, 4, 5);

const retryAfter = (headers: Record<string, string>): number | undefined =>
  retryAfterIn(new Headers(headers), wallMs);

describe('a wait in a header', () => {
  const waits: readonly (readonly [text: string | null, waitMs: number | undefined])[] = [
    ['2', 2000],
    ['0.5', 500],
    ['-3', 0],
    ['12ms', 12],
    ['1s', 1000],
    ['6m0s', 360_000],
    ['1h2m3.5s', 3_723_500],
    ['2026-01-02T03:04:15Z', 10_000],
    ['2026-01-02T03:04:00Z', 0],
    ['Fri, 02 Jan 2026 03:05:05 GMT', 60_000],
    [String(wallMs + 7000), 7000],
    [String(wallMs / 1000 + 7), 7000],
    ['', undefined],
    ['soon', undefined],
    [null, undefined],
    ['NaN', undefined],
  ];
  test.each(waits)('%p is %p ms', (text, waitMs) => {
    expect(waitIn(text, wallMs)).toBe(waitMs as number);
  });
});

describe('limits told by a provider', () => {
  test('a date is counted from the date of the answer that names it, whatever the clock here shows', () => {
    const told = { date: 'Fri, 02 Jan 2026 03:04:05 GMT', 'retry-after': 'Fri, 02 Jan 2026 03:04:35 GMT' };
    const spent = {
      date: told.date,
      'anthropic-ratelimit-requests-remaining': '0',
      'anthropic-ratelimit-requests-reset': '2026-01-02T03:04:25Z',
    };
    for (const stepMs of [-3_600_000, 0, 3_600_000]) {
      expect(retryAfterIn(new Headers(told), wallMs + stepMs)).toBe(30_000);
      expect(spentFor(new Headers(spent), wallMs + stepMs)).toBe(20_000);
    }
  });

  test('a limit that is spent rests until its reset, the longest of several', () => {
    const headers = new Headers({
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '8.64s',
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '12ms',
    });
    expect(spentFor(headers, wallMs)).toBe(8640);
  });

  test('a limit with something left is none', () => {
    const headers = new Headers({
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': '8.64s',
      'anthropic-ratelimit-tokens-remaining': '',
      'anthropic-ratelimit-tokens-reset': '2026-01-02T03:05:05Z',
    });
    expect(spentFor(headers, wallMs)).toBeUndefined();
    expect(spentFor(new Headers(), wallMs)).toBeUndefined();
  });

  test("every one of Anthropic's limits is heeded", () => {
    for (const name of ['requests', 'tokens', 'input-tokens', 'output-tokens']) {
      const headers = new Headers({
        [`anthropic-ratelimit-${name}-remaining`]: '0',
        [`anthropic-ratelimit-${name}-reset`]: '2026-01-02T03:05:05Z',
      });
      expect(spentFor(headers, wallMs)).toBe(60_000);
    }
  });
});

describe('when to come back', () => {
  test('the finest word goes first, then the standard one, then the spent limits', () => {
    const spent = { 'x-ratelimit-remaining-tokens': '0', 'x-ratelimit-reset-tokens': '3s' };
    expect(retryAfter({ ...spent, 'retry-after': '2', 'retry-after-ms': '1500' })).toBe(1500);
    expect(retryAfter({ ...spent, 'retry-after': '2' })).toBe(2000);
    expect(retryAfter(spent)).toBe(3000);
    expect(retryAfter({})).toBeUndefined();
    expect(retryAfter({ 'retry-after': 'later' })).toBeUndefined();
  });
});

describe('a wait in the body of a refusal', () => {
  const refused = (...details: readonly Json[]): Json => ({ error: { code: 429, message: 'no', details } });
  const info = 'type.googleapis.com/google.rpc.RetryInfo';

  test.each<readonly [string, Json | undefined, number | undefined]>([
    [
      'among other details',
      refused({ '@type': 'x.QuotaFailure' }, { '@type': info, retryDelay: '34s' }),
      34_000,
    ],
    ['with a fraction', refused({ '@type': info, retryDelay: '34.5s' }), 34_500],
    ['without a time', refused({ '@type': info }), undefined],
    ['that is no time', refused({ '@type': info, retryDelay: 'soon' }), undefined],
    ['without details', { error: { message: 'no' } }, undefined],
    ['of another shape', { error: 'no' }, undefined],
    ['that is none', undefined, undefined],
  ])('%s', (_what, body, waitMs) => {
    expect(retryDelayIn(body, wallMs)).toBe(waitMs as number);
  });
});
