import { describe, expect, test } from 'bun:test';
import { anthropic } from '../../src/protocols/anthropic/index.ts';
import { ollama } from '../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../src/protocols/openai-chat/index.ts';
import { type ErrorCode, GatewayError } from '../../src/spec/gateway-error.ts';

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

describe('an error for a client of Ollama', () => {
  test('is one string, which clients use as the message', () => {
    const error = new GatewayError('model_not_found', "model 'x' not found", { param: 'model' });
    expect(ollama.error.write(error, 'r1')).toEqual({ status: 404, body: { error: "model 'x' not found" } });
  });

  test('inside a stream is one line', () => {
    expect(text(ollama.error.inStream(new GatewayError('upstream_error', 'a\nb'), 'r1'))).toBe(
      '{"error":"a\\nb"}\n',
    );
  });
});

describe('an error for a client of OpenAI’s dialect', () => {
  const rows: [ErrorCode, number, string, string | null][] = [
    ['invalid_request', 400, 'invalid_request_error', null],
    ['unauthorized', 401, 'invalid_request_error', 'invalid_api_key'],
    ['forbidden', 403, 'invalid_request_error', 'forbidden'],
    ['model_not_found', 404, 'invalid_request_error', 'model_not_found'],
    ['method_not_allowed', 405, 'invalid_request_error', 'method_not_allowed'],
    ['payload_too_large', 413, 'invalid_request_error', 'payload_too_large'],
    ['unprocessable', 422, 'invalid_request_error', 'unprocessable'],
    ['context_too_long', 400, 'invalid_request_error', 'context_length_exceeded'],
    ['rate_limited', 429, 'rate_limit_error', 'rate_limit_exceeded'],
    ['overloaded', 503, 'server_error', 'server_is_overloaded'],
    ['model_loading', 503, 'server_error', 'model_loading'],
    ['upstream_error', 502, 'api_error', 'upstream_error'],
    ['timeout', 504, 'api_error', 'timeout'],
    ['not_implemented', 501, 'api_error', 'not_implemented'],
    ['internal', 500, 'server_error', 'internal'],
  ];

  test.each(rows)('%s', (code, status, type, written) => {
    const param = code === 'model_not_found' ? 'model' : null;
    expect(openaiChat.error.write(new GatewayError(code, 'so'), 'r1')).toEqual({
      status,
      body: { error: { message: 'so', type, param, code: written } },
    });
  });

  test('names the field at fault', () => {
    const error = new GatewayError('invalid_request', 'so', { param: 'messages[2].content' });
    expect(openaiChat.error.write(error, 'r1').body).toMatchObject({
      error: { param: 'messages[2].content' },
    });
  });

  test('inside a stream is one event, without an end after it', () => {
    expect(text(openaiChat.error.inStream(new GatewayError('timeout', 'a\nb'), 'r1'))).toBe(
      'data: {"error":{"message":"a\\nb","type":"api_error","param":null,"code":"timeout"}}\n\n',
    );
  });
});

describe('an error for a client of Anthropic’s dialect', () => {
  const rows: [ErrorCode, number, string][] = [
    ['invalid_request', 400, 'invalid_request_error'],
    ['unauthorized', 401, 'authentication_error'],
    ['forbidden', 403, 'permission_error'],
    ['model_not_found', 404, 'not_found_error'],
    ['not_found', 404, 'not_found_error'],
    ['payload_too_large', 413, 'request_too_large'],
    ['unprocessable', 422, 'invalid_request_error'],
    ['rate_limited', 429, 'rate_limit_error'],
    ['overloaded', 529, 'overloaded_error'],
    ['model_loading', 529, 'overloaded_error'],
    ['upstream_error', 502, 'api_error'],
    ['upstream_unreachable', 503, 'api_error'],
    ['timeout', 504, 'timeout_error'],
    ['internal', 500, 'api_error'],
  ];

  test.each(rows)('%s', (code, status, type) => {
    expect(anthropic.error.write(new GatewayError(code, 'so'), 'r1')).toEqual({
      status,
      body: { type: 'error', error: { type, message: 'so' }, request_id: 'r1' },
    });
  });

  test('names the field at fault once', () => {
    const messageOf = (message: string) => {
      const error = new GatewayError('invalid_request', message, { param: 'messages[2].content' });
      return anthropic.error.write(error, 'r1').body.error;
    };
    expect(messageOf('is wrong')).toMatchObject({ message: 'messages[2].content: is wrong' });
    expect(messageOf('messages[2].content is wrong')).toMatchObject({
      message: 'messages[2].content is wrong',
    });
  });

  test('says in its clients’ words that a prompt is too long, whatever the engine called it', () => {
    const messageOf = (message: string) =>
      anthropic.error.write(new GatewayError('context_too_long', message), 'r1').body.error;
    expect(messageOf('5000 tokens')).toMatchObject({ message: 'prompt is too long: 5000 tokens' });
    expect(messageOf('prompt is too long: 9')).toMatchObject({ message: 'prompt is too long: 9' });
  });

  test('inside a stream is one event of that name', () => {
    expect(text(anthropic.error.inStream(new GatewayError('overloaded', 'a\nb'), 'r1'))).toBe(
      'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"a\\nb"},"request_id":"r1"}\n\n',
    );
  });
});
