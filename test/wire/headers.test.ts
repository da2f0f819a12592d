import { describe, expect, test } from 'bun:test';
import { forwardReplyHeaders, forwardRequestHeaders } from '../../src/wire/headers.ts';

describe('forwardRequestHeaders', () => {
  test('tracing and dialect switches go upstream, and nothing else of the caller', () => {
    const headers = new Headers({
      Traceparent: '00-1-2-01',
      tracestate: 'a=b',
      'anthropic-beta': 'x,y',
      'anthropic-version': '2023-06-01',
      authorization: 'Bearer secret',
      'x-api-key': 'secret',
      cookie: 'a=b',
      'user-agent': 'test',
      'content-length': '3',
      'accept-encoding': 'gzip',
      connection: 'keep-alive',
      'x-forwarded-for': '10.0.0.1',
    });
    expect(forwardRequestHeaders(headers, ['openai-chat', 'anthropic'])).toEqual({
      traceparent: '00-1-2-01',
      tracestate: 'a=b',
      'anthropic-beta': 'x,y',
      'anthropic-version': '2023-06-01',
    });
  });

  test('the switches of a dialect go only to an engine that speaks it', () => {
    const headers = new Headers({ 'anthropic-beta': 'x,y', traceparent: '00-1-2-01' });
    expect(forwardRequestHeaders(headers, ['openai-chat'])).toEqual({ traceparent: '00-1-2-01' });
  });

  test('a trace state without its parent is left out', () => {
    expect(forwardRequestHeaders(new Headers({ tracestate: 'a=b' }), [])).toEqual({});
  });

  test('what the caller did not send is not made up', () => {
    expect(forwardRequestHeaders(new Headers(), ['anthropic'])).toEqual({});
  });
});

describe('forwardReplyHeaders', () => {
  test('pacing headers reach the client, and nothing else of the engine', () => {
    const headers = new Headers({
      'Retry-After': '3',
      'x-ratelimit-remaining-tokens': '5',
      'x-ratelimit-other': '6',
      'openai-processing-ms': '12',
      'content-encoding': 'gzip',
      'content-length': '10',
      'transfer-encoding': 'chunked',
      connection: 'close',
      'keep-alive': 'timeout=5',
      'set-cookie': 'a=b',
      server: 'engine',
      location: 'http://10.0.0.1/',
    });
    const answer: Record<string, string> = { 'x-request-id': 'one' };
    forwardReplyHeaders(headers, answer);
    expect(answer).toEqual({
      'x-request-id': 'one',
      'retry-after': '3',
      'x-ratelimit-remaining-tokens': '5',
      'openai-processing-ms': '12',
    });
  });
});
