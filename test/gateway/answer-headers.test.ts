import { describe, expect, test } from 'bun:test';
import { type Facts, keptHeadersOf } from '../../src/gateway/answer-headers.ts';

const facts: Facts = {
  backend: 'gpu',
  model: 'm',
  attempts: 1,
  reason: 'gpu, loaded',
  queueMs: 0,
  overheadMs: 0.25,
  dropped: '',
};

const answer = (requestId: string, more: Partial<Facts> = {}, contentType = 'application/json'): Response =>
  new Response('{}', { headers: keptHeadersOf(requestId, contentType, { ...facts, ...more }) });

/** Holds on to what it was given, as the lazy responses of server libraries do. */
class LazyResponse {
  readonly headers: Headers;

  constructor(_body: unknown, { headers }: { readonly headers: HeadersInit }) {
    this.headers = headers instanceof Headers ? headers : new Headers(headers);
  }
}

describe('the headers of an answer', () => {
  test('each answer has its own, whatever the one before it had', () => {
    const answers = [
      answer('first'),
      answer('second', { attempts: 2, reason: 'failover 1; cpu: refused', queueMs: 12.5 }),
      answer('third', { model: 'other', overheadMs: 3 }, 'text/plain'),
      answer('fourth'),
    ];
    const seen = answers.map(({ headers }) =>
      [
        'x-request-id',
        'content-type',
        ...['attempts', 'reason', 'queue-ms', 'overhead-ms', 'model'].map((name) => `x-pointsman-${name}`),
      ].map((name) => headers.get(name)),
    );
    expect(seen).toEqual([
      ['first', 'application/json', '1', 'gpu, loaded', '0', '0.25', 'm'],
      ['second', 'application/json', '2', 'failover 1; cpu: refused', '12.5', '0.25', 'm'],
      ['third', 'text/plain', '1', 'gpu, loaded', '0', '3', 'other'],
      ['fourth', 'application/json', '1', 'gpu, loaded', '0', '0.25', 'm'],
    ]);
  });

  test('an answer that reads its headers late still has its own', () => {
    const native = globalThis.Response;
    globalThis.Response = LazyResponse as unknown as typeof Response;
    try {
      const first = answer('first');
      answer('second', { attempts: 3 });
      expect(first.headers.get('x-request-id')).toBe('first');
      expect(first.headers.get('x-pointsman-attempts')).toBe('1');
    } finally {
      globalThis.Response = native;
    }
    const before = answer('before');
    answer('after');
    expect(before.headers.get('x-request-id')).toBe('before');
  });
});
