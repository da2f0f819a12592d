import { describe, expect, test } from 'bun:test';
import { type ChargeEnd, createQuotas, limitView, settleCharge } from '../../src/gateway/quotas.ts';
import { GatewayError } from '../../src/spec/gateway-error.ts';

const limited = (limits: { readonly requestsPerMinute?: number; readonly tokensPerMinute?: number }) => {
  const quotas = createQuotas();
  quotas.apply([{ name: 'laptop', ...limits }]);
  return quotas;
};

const errorOf = (run: () => void): GatewayError => {
  try {
    run();
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('nothing was refused');
};

const end: ChargeEnd = { outcome: 'done', usage: undefined, pieces: 0, isBegun: true };

describe('the tokens of a key', () => {
  test.each<readonly [string, Partial<ChargeEnd>, number]>([
    ['what the engine counted', { usage: { inputTokens: 90, outputTokens: 5 } }, 95],
    ['the pieces that were seen where it counted none', { pieces: 7 }, 107],
    ['what was expected where nothing tells', {}, 150],
    ['nothing where it failed before anything was served', { outcome: 'failed' }, 0],
    ['nothing where it was refused', { outcome: 'refused', isBegun: false }, 0],
    ['nothing of who left before it was begun', { outcome: 'canceled', isBegun: false }, 0],
    ['the prompt of who left before the first word', { outcome: 'canceled' }, 100],
    ['what was written until the caller left', { outcome: 'canceled', pieces: 3 }, 103],
    ['what was written until it broke off', { outcome: 'broken', pieces: 4 }, 104],
  ])('are charged %s', (_what, how, cost) => {
    const quotas = limited({ tokensPerMinute: 1000 });
    const charge = quotas.reserveTokens('laptop', { inputTokens: 100, outputTokens: 49.5 }, 5);
    if (charge === undefined) throw new Error('tokens are not limited');
    expect(charge.meter.bucket.level).toBe(150);
    settleCharge(charge, { ...end, ...how }, 5);
    expect(charge.meter.bucket.level).toBe(cost);
  });

  test('are not counted for who has no such limit', () => {
    const quotas = limited({ requestsPerMinute: 1 });
    expect(quotas.reserveTokens('laptop', { inputTokens: 9, outputTokens: 9 }, 0)).toBeUndefined();
    expect(quotas.reserveTokens('nobody', { inputTokens: 9, outputTokens: 9 }, 0)).toBeUndefined();
  });

  test('that are used up are refused with what is wanted and how long that takes', () => {
    const quotas = limited({ tokensPerMinute: 600 });
    quotas.reserveTokens('laptop', { inputTokens: 500, outputTokens: 0 }, 0);
    const refused = errorOf(() => quotas.reserveTokens('laptop', { inputTokens: 100, outputTokens: 50 }, 0));
    expect(refused).toMatchObject({
      code: 'rate_limited',
      message: 'the limit of this key, 600 tokens per minute, is used up; this request takes about 150',
      details: { retryAfterMs: 5000, quota: 'tokens' },
    });
  });
});

describe('the requests of a key', () => {
  test('that are used up are refused, and say so where an instance has only a part of them', () => {
    const quotas = limited({ requestsPerMinute: 10 });
    quotas.shareAmong(3, 0);
    for (let turn = 0; turn < 4; turn += 1) quotas.takeRequest('laptop', 0);
    const refused = errorOf(() => quotas.takeRequest('laptop', 0));
    expect(refused.message).toBe(
      'the limit of this key, 10 requests per minute, is used up; while this instance is cut off it has 4 of them',
    );
    expect(refused.details).toMatchObject({ retryAfterMs: 15_000, quota: 'requests' });
  });

  test('that were used are kept when the limit changes, and forgotten when there is none any more', () => {
    const quotas = limited({ requestsPerMinute: 10 });
    for (let turn = 0; turn < 10; turn += 1) quotas.takeRequest('laptop', 0);
    quotas.apply([{ name: 'laptop', requestsPerMinute: 12 }]);
    const meter = quotas.of('laptop')?.requests;
    expect(meter && limitView(meter, 0)).toEqual({ limit: 12, remaining: 2, resetMs: 50_000 });
    quotas.apply([]);
    expect(quotas.of('laptop')).toBeUndefined();
    quotas.takeRequest('laptop', 0);
    quotas.apply([{ name: 'laptop', requestsPerMinute: 12 }]);
    expect(quotas.of('laptop')?.requests?.bucket.level).toBe(0);
  });

  test('never wait longer than clients do', () => {
    const quotas = limited({ requestsPerMinute: 1 });
    quotas.takeRequest('laptop', 0);
    expect(errorOf(() => quotas.takeRequest('laptop', 59_990)).details.retryAfterMs).toBe(1000);
    quotas.shareAmong(1, 0);
    expect(errorOf(() => quotas.takeRequest('laptop', 1)).details.retryAfterMs).toBe(60_000);
  });
});
