import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { upstreamMessage } from '../../src/backends/upstream-message.ts';
import { encodeUtf8 } from '../../src/wire/utf8.ts';
import { propertyRuns } from '../property-runs.ts';

const llamaServer =
  '{"error":{"code":400,"message":"request (5000 tokens) exceeds","type":"exceed_context_size_error"}}';

const rows: readonly (readonly [oddity: string, body: string, message: string])[] = [
  ['the native string', '{"error":"model \'x\' not found"}', "model 'x' not found"],
  [
    'the body of llama-server inside the native string',
    JSON.stringify({ error: llamaServer }),
    'request (5000 tokens) exceeds',
  ],
  [
    'JSON wrapped twice',
    JSON.stringify({ error: JSON.stringify({ error: llamaServer }) }),
    'request (5000 tokens) exceeds',
  ],
  [
    'a body of JSON with a line of the log behind it',
    JSON.stringify({ error: '{"status":"error","message":"failed"}\ncudaMalloc failed: out of memory' }),
    'failed\ncudaMalloc failed: out of memory',
  ],
  [
    'the OpenAI object',
    '{"error":{"message":"Rate limit","type":"requests","code":"rate_limit"}}',
    'Rate limit',
  ],
  [
    'a flat object',
    '{"object":"error","message":"too long","type":"BadRequestError","code":400}',
    'too long',
  ],
  ['a flat object with a null code', '{"type":"error","code":null,"message":"gone","param":null}', 'gone'],
  [
    'an error inside an event',
    '{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}',
    'Overloaded',
  ],
  ['an object without a sentence', '{"error":{"type":"overloaded_error"}}', 'overloaded_error'],
  [
    'a list of errors',
    '[{"error":{"code":400,"message":"API key not valid","status":"INVALID_ARGUMENT"}}]',
    'API key not valid',
  ],
  ['the details of a validator', '{"detail":[{"loc":["body"],"msg":"field required"}]}', 'field required'],
  ['a plain detail', '{"detail":"Not Found"}', 'Not Found'],
  ['a bare JSON string', '"Unauthorized"', 'Unauthorized'],
  ['plain text with its newline', 'model unavailable\n', 'model unavailable'],
  [
    'plain text in several lines',
    'unable to load runner: a\n\nVerbose output:\nb\n',
    'unable to load runner: a\n\nVerbose output:\nb',
  ],
  ['text that only looks like JSON', '{not json', '{not json'],
  ['JSON that says nothing', '{"a":1}', '{"a":1}'],
  [
    'a proxy page',
    '<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx/1.22 on 10.0.0.1</body></html>',
    '502 Bad Gateway',
  ],
  ['a page without a status', '<!DOCTYPE html><html><title>My intranet</title></html>', ''],
  ['nothing', '', ''],
  ['a byte order mark', '\ufeff{"error":"x"}', 'x'],
];

describe('an error body becomes its sentence', () => {
  for (const [oddity, body, message] of rows) {
    test(`from ${oddity}`, () => {
      expect(upstreamMessage(encodeUtf8(body))).toBe(message);
    });
  }

  test('a long text is cut to 8 KiB', () => {
    expect(upstreamMessage(encodeUtf8('x'.repeat(100_000)))).toHaveLength(8192);
    expect(upstreamMessage(encodeUtf8(JSON.stringify({ error: 'x'.repeat(100_000) })))).toHaveLength(8192);
  });

  test('any bytes give a trimmed text of bounded length', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 300 }), fc.json().map(encodeUtf8)), (bytes) => {
        const message = upstreamMessage(bytes);
        expect(message).toBe(message.trim());
        expect(message.length).toBeLessThanOrEqual(8192);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('JSON wrapped without end is given up on', () => {
    let body = 'deep';
    for (let depth = 0; depth < 12; depth += 1) body = JSON.stringify({ error: body });
    expect(upstreamMessage(encodeUtf8(body))).toContain('deep');
    expect(upstreamMessage(encodeUtf8(`${'['.repeat(100_000)}`))).toHaveLength(8192);
  });
});
