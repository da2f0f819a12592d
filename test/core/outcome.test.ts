import { describe, expect, test } from 'bun:test';
import { upstreamMessage } from '../../src/backends/upstream-message.ts';
import {
  classify,
  consequence,
  consequenceOf,
  type Failure,
  type OutcomeClass,
} from '../../src/core/outcome.ts';
import { encodeUtf8 } from '../../src/wire/utf8.ts';
import { engineFixtures, type OutcomeFixture, serviceFixtures } from './outcome-fixtures.ts';

const failureOf = (status: number | 'line', message: string): Failure =>
  status === 'line' ? { phase: 'mid-stream', message } : { phase: 'status', status, message };

const title = ([expected, status, message]: OutcomeFixture): string =>
  `${status} ${JSON.stringify(message.slice(0, 90))} is ${expected}`;

describe('an engine text gets its class, raw, unwrapped and wrapped in an error body', () => {
  for (const fixture of [...engineFixtures, ...serviceFixtures]) {
    test(title(fixture), () => {
      const [expected, status, message] = fixture;
      expect(classify(failureOf(status, message))).toBe(expected);
      expect(classify(failureOf(status, upstreamMessage(encodeUtf8(message))))).toBe(expected);
      const body = encodeUtf8(JSON.stringify({ error: message }));
      expect(classify(failureOf(status, upstreamMessage(body)))).toBe(expected);
    });
  }
});

describe('status and phase decide before the text', () => {
  test('a connection that was never made is a network failure whatever is said of it', () => {
    expect(classify({ phase: 'connect', message: 'timed out' })).toBe('network');
    expect(classify({ phase: 'connect', message: 'out of memory' })).toBe('network');
  });

  test('silence before headers is a timeout, a lost connection there is not', () => {
    expect(classify({ phase: 'before-headers', message: 'timed out' })).toBe('timeout');
    expect(classify({ phase: 'before-headers', message: 'connection reset' })).toBe('network');
  });

  test('a 4xx that quotes the caller cannot make a host look out of memory or crashed', () => {
    for (const message of ['unknown tool "cudaMalloc failed: out of memory"', 'bad field "has terminated"']) {
      expect(classify({ phase: 'status', status: 400, message })).toBe('client');
    }
    expect(classify({ phase: 'status', status: 404, message: "model 'out of memory' not found" })).toBe(
      'model',
    );
  });

  test("a 500 that quotes the caller's format is the caller's fault", () => {
    const message = 'invalid format: "out of memory"; expected "json" or a valid JSON Schema object';
    expect(classify({ phase: 'status', status: 500, message })).toBe('client');
  });

  test('an error inside a 200 is read like one without a status', () => {
    const message = 'cudaMalloc failed: out of memory';
    expect(classify({ phase: 'before-content', status: 200, message })).toBe('vram');
  });
});

describe('consequences', () => {
  const judged = (failure: Failure) => consequence(classify(failure), failure);

  test('client faults and departures are never retried and never counted', () => {
    for (const outcome of ['client', 'context', 'cancel'] as const) {
      expect(consequenceOf[outcome]).toMatchObject({ retry: 'never', counts: 0, scope: 'none' });
    }
  });

  test('everything else is tried elsewhere', () => {
    const never: readonly OutcomeClass[] = ['client', 'context', 'cancel'];
    for (const [outcome, { retry }] of Object.entries(consequenceOf)) {
      expect(retry).toBe(never.some((each) => each === outcome) ? 'never' : 'elsewhere');
    }
  });

  test('a host that is busy, loading or out of memory is not at fault', () => {
    expect(consequenceOf.overload).toMatchObject({ counts: 0, flag: 'busy', code: 'overloaded' });
    expect(consequenceOf.loading).toMatchObject({ counts: 0, flag: 'busy', code: 'model_loading' });
    expect(consequenceOf.vram).toMatchObject({ counts: 0, flag: 'pinned' });
  });

  test('limits, clients that leave and models that are not there count against nobody', () => {
    for (const [status, message] of [
      [429, ''],
      [429, 'insufficient_quota'],
      [503, 'server busy, please try again.  maximum pending requests exceeded'],
      [503, 'Loading model'],
      [404, "model 'x' not found"],
      [404, '404 page not found'],
      [400, 'missing request body'],
      [400, 'prompt is too long: 215000 tokens > 200000 maximum'],
      [499, 'request canceled'],
      [500, 'cudaMalloc failed: out of memory'],
    ] as const) {
      expect({ message, counts: judged({ phase: 'status', status, message }).counts }).toEqual({
        message,
        counts: 0,
      });
    }
  });

  test('a refused key is an upstream error to the client, who has no part in it', () => {
    expect(consequenceOf.auth).toMatchObject({ retry: 'elsewhere', code: 'upstream_error' });
  });

  test('a refused connection counts against the host, one lost later against the pair', () => {
    expect(judged({ phase: 'connect', message: 'connection refused' }).scope).toBe('host');
    expect(judged({ phase: 'before-headers', message: 'connection reset' }).scope).toBe('pair');
  });

  test('a dead runner weighs two, an unexplained error one', () => {
    const message = 'llama-server process has terminated: exit status 2';
    expect(judged({ phase: 'status', status: 500, message }).counts).toBe(2);
    expect(judged({ phase: 'status', status: 500, message: 'Internal server error' }).counts).toBe(1);
    expect(judged({ phase: 'mid-stream', message: 'the answer ended before it was complete' }).counts).toBe(
      1,
    );
  });

  test('only a model that is missing or cannot be loaded is marked absent', () => {
    const missing = judged({ phase: 'status', status: 404, message: "model 'x' not found" });
    expect(missing).toMatchObject({ retry: 'elsewhere', flag: 'absent', code: 'model_not_found' });
    const unable = judged({ phase: 'status', status: 400, message: '"x" does not support tools' });
    expect(unable).toMatchObject({ retry: 'elsewhere', code: 'invalid_request' });
    expect(unable.flag).toBeUndefined();
    const broken = judged({ phase: 'status', status: 500, message: "unknown model architecture: 'xyz'" });
    expect(broken).toMatchObject({ flag: 'absent', code: 'upstream_error' });
    const badCall = 'llama-server returned invalid tool call arguments for "x": unexpected end';
    expect(judged({ phase: 'status', status: 500, message: badCall }).flag).toBeUndefined();
  });

  test('a path the engine lacks says nothing of the model', () => {
    for (const [status, message] of [
      [404, '404 page not found'],
      [404, 'File Not Found'],
      [405, '405 method not allowed'],
      [501, 'this model does not support embeddings'],
    ] as const) {
      const what = judged({ phase: 'status', status, message });
      expect(what).toMatchObject({ retry: 'elsewhere', code: 'not_implemented' });
      expect(what.flag).toBeUndefined();
    }
  });

  test('a client fault keeps the code of its status', () => {
    expect(judged({ phase: 'status', status: 413, message: '' }).code).toBe('payload_too_large');
    expect(judged({ phase: 'status', status: 422, message: '' }).code).toBe('unprocessable');
    expect(judged({ phase: 'status', status: 400, message: '' }).code).toBe('invalid_request');
  });
});

describe('what providers say of keys, prompts and their own load', () => {
  test.each([
    [403, 'Country, region, or territory not supported', 'auth'],
    [403, 'Project `p` does not have access to model `m`', 'model'],
    [403, 'Your chosen model requires moderation and your input was flagged for "violence"', 'client'],
    [402, 'Insufficient credits', 'auth'],
    [400, 'Your credit balance is too low to access the API.', 'quota'],
    [400, 'the caller wrote: your credit balance is too low', 'client'],
    [429, 'Request too large for m on tokens per min (TPM): Limit 30000, Requested 50000.', 'context'],
    [429, 'Rate limit reached for requests', 'rate'],
    [529, 'Overloaded', 'overload'],
  ] as const)('%p %p is %p', (status, message, outcome) => {
    expect(classify({ phase: 'status', status, message })).toBe(outcome);
  });

  test('a model that a key may not use is not there, and an overload of the provider is a limit', () => {
    const barred = { phase: 'status', status: 403, message: 'does not have access to model `m`' } as const;
    expect(consequence('model', barred)).toMatchObject({ retry: 'elsewhere', flag: 'absent' });
    const overloaded = { phase: 'status', status: 529, message: 'Overloaded' } as const;
    expect(consequence('overload', overloaded)).toMatchObject({ flag: 'limited', code: 'overloaded' });
  });
});
