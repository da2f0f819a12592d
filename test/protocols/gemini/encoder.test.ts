import { describe, expect, test } from 'bun:test';
import { gemini } from '../../../src/protocols/gemini/index.ts';
import type { ChatEvent } from '../../../src/spec/chat-event.ts';
import type { ChatRequest } from '../../../src/spec/chat-request.ts';
import { GatewayError } from '../../../src/spec/gateway-error.ts';
import { asArray, asObject, type JsonObject } from '../../../src/spec/json.ts';
import { chatRequest, stamp } from '../codec.ts';
import { refused } from '../refused.ts';

const said = (events: readonly ChatEvent[], request: ChatRequest = chatRequest): readonly JsonObject[] => {
  const encoder = gemini.encoder(request, stamp);
  const bytes = [...events.map((event) => encoder.push(event)), encoder.end()];
  return bytes
    .map((each) => new TextDecoder().decode(each))
    .filter((text) => text !== '')
    .map((text) => JSON.parse(text.replace(/^data: /, '')));
};

const partsOf = (chunks: readonly JsonObject[]): readonly unknown[] =>
  chunks.flatMap((chunk) => {
    const [candidate] = chunk.candidates as JsonObject[];
    return asArray(asObject(candidate?.content)?.parts) ?? [];
  });

const finish: ChatEvent = { type: 'finish', reason: 'stop' };

describe('a stream for a Gemini client', () => {
  test('names the model that was asked and the answer in every chunk', () => {
    const [first, last] = said([{ type: 'text-delta', text: 'Hi' }, finish]);
    expect(first).toEqual({
      candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, index: 0 }],
      modelVersion: 'asked/for:this',
      responseId: stamp.id,
    });
    expect(last).toMatchObject({ candidates: [{ finishReason: 'STOP', index: 0 }] });
  });

  test('says why it ended and what it cost in its last chunk, whichever came first', () => {
    const usage: ChatEvent = {
      type: 'usage',
      usage: { inputTokens: 9, outputTokens: 7, reasoningTokens: 5, cachedInputTokens: 3 },
    };
    for (const events of [
      [finish, usage],
      [usage, finish],
    ]) {
      const chunks = said(events);
      expect(chunks).toHaveLength(1);
      expect(chunks[0]).toMatchObject({
        candidates: [{ finishReason: 'STOP' }],
        usageMetadata: {
          promptTokenCount: 9,
          candidatesTokenCount: 2,
          thoughtsTokenCount: 5,
          cachedContentTokenCount: 3,
          totalTokenCount: 16,
        },
      });
    }
  });

  test('holds calls until they are whole and names those without an id the same way each time', () => {
    const events: readonly ChatEvent[] = [
      { type: 'tool-call-start', index: 0, name: 'f', signature: { protocol: 'gemini', value: 'YQ==' } },
      { type: 'tool-call-delta', index: 0, arguments: '{"a":\n' },
      { type: 'tool-call-delta', index: 0, arguments: '12345678901234567890}' },
      { type: 'tool-call-end', index: 0 },
      { type: 'tool-call-start', index: 1, id: 'own', name: 'g' },
      { type: 'tool-call-end', index: 1 },
      { type: 'finish', reason: 'tool-calls' },
    ];
    const parts = partsOf(said(events));
    expect(parts).toHaveLength(3);
    expect(parts[0]).toMatchObject({
      functionCall: { id: 'call_req012345670', name: 'f' },
      thoughtSignature: 'YQ==',
    });
    expect(parts[1]).toEqual({ functionCall: { id: 'own', name: 'g', args: {} } });
    expect(partsOf(said(events))[0]).toEqual(parts[0] as object);
    const encoder = gemini.encoder(chatRequest, stamp);
    const text = events.map((event) => new TextDecoder().decode(encoder.push(event))).join('');
    expect(text).toContain('"args":{"a": 12345678901234567890}');
  });

  test('refuses arguments that are no object instead of sending what no client can read', () => {
    const encoder = gemini.encoder(chatRequest, stamp);
    encoder.push({ type: 'tool-call-start', index: 0, name: 'f' });
    encoder.push({ type: 'tool-call-delta', index: 0, arguments: '[1]' });
    encoder.push({ type: 'tool-call-end', index: 0 });
    expect(refused(() => encoder.push({ type: 'finish', reason: 'tool-calls' }))?.code).toBe(
      'upstream_error',
    );
  });

  test('carries signatures of others so that they find their maker again', () => {
    const parts = partsOf(
      said([
        { type: 'reasoning-delta', text: 'Hm' },
        { type: 'reasoning-signature', signature: { protocol: 'anthropic', value: 'c2ln' } },
        { type: 'reasoning-redacted', signature: { protocol: 'anthropic', value: 'cmVk' } },
        { type: 'text-delta', text: 'Hi' },
        finish,
      ]),
    );
    expect(parts.slice(0, 3)).toEqual([
      { text: 'Hm', thought: true },
      { text: '', thought: true, thoughtSignature: 'pointsman.anthropic.c2ln' },
      { text: '', thoughtSignature: 'pointsman.anthropic.cmVk' },
    ]);
    const [, message] = gemini.parse(
      {
        model: 'm',
        stream: false,
        contents: [{ parts: [{ text: 'a' }] }, { role: 'model', parts } as never],
      },
      'chat',
    ).messages;
    expect(message?.reasoningBlocks).toEqual([
      { text: 'Hm', signature: { protocol: 'anthropic', value: 'c2ln' } },
      { signature: { protocol: 'anthropic', value: 'cmVk' } },
    ]);
  });

  test('shows thoughts to a Gemini client only where it asked for them', () => {
    const events: readonly ChatEvent[] = [
      { type: 'reasoning-delta', text: 'Hm' },
      { type: 'reasoning-signature', signature: { protocol: 'anthropic', value: 'c2ln' } },
      { type: 'text-delta', text: 'Hi' },
      finish,
    ];
    const asked = (generationConfig: JsonObject) =>
      gemini.parse({ model: 'm', stream: true, contents: [], generationConfig }, 'chat');
    const hidden = partsOf(said(events, asked({ thinkingConfig: { thinkingBudget: 9 } })));
    const shown = partsOf(said(events, asked({ thinking_config: { include_thoughts: true } })));
    expect(hidden).toEqual([{ text: 'Hi' }, { text: '' }]);
    expect(shown).toHaveLength(4);
  });

  test('gives images as data, and each candidate its own reason', () => {
    const chunks = said([
      { type: 'image', data: 'iVBORw0K', mediaType: 'image/png' },
      { type: 'text-delta', text: 'b', choice: 1 },
      { type: 'finish', reason: 'length', choice: 1 },
      { type: 'finish', reason: 'refusal' },
    ]);
    expect(partsOf(chunks)[0]).toEqual({ inlineData: { mimeType: 'image/png', data: 'iVBORw0K' } });
    expect(chunks.at(-1)).toMatchObject({
      candidates: [
        { finishReason: 'MAX_TOKENS', index: 1 },
        { finishReason: 'SAFETY', index: 0 },
      ],
    });
  });

  test('breaks off with bare JSON, at which Google’s client throws', () => {
    const bytes = gemini.error.inStream(new GatewayError('overloaded', 'busy'), 'r1');
    expect(new TextDecoder().decode(bytes)).toBe(
      '{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}\n',
    );
  });
});

describe('a whole answer for a Gemini client', () => {
  test('joins pieces and keeps the order of what was said', () => {
    const body = gemini.whole.encode(
      [
        { type: 'reasoning-delta', text: 'H' },
        { type: 'reasoning-delta', text: 'm' },
        { type: 'text-delta', text: 'a' },
        { type: 'text-delta', text: 'b' },
        { type: 'tool-call-start', index: 0, id: 'c', name: 'f' },
        { type: 'tool-call-delta', index: 0, arguments: '{"x":1}' },
        { type: 'tool-call-end', index: 0 },
        { type: 'text-delta', text: 'c' },
        { type: 'finish', reason: 'tool-calls' },
      ],
      chatRequest,
      stamp,
    );
    expect(body).toEqual({
      candidates: [
        {
          content: {
            role: 'model',
            parts: [
              { text: 'Hm', thought: true },
              { text: 'ab' },
              { functionCall: { id: 'c', name: 'f', args: { x: 1 } } },
              { text: 'c' },
            ],
          },
          finishReason: 'STOP',
          index: 0,
        },
      ],
      modelVersion: 'asked/for:this',
      responseId: stamp.id,
    });
  });

  test('has an empty text where nothing was said', () => {
    expect(gemini.whole.encode([finish], chatRequest, stamp)).toMatchObject({
      candidates: [{ content: { parts: [{ text: '' }] }, finishReason: 'STOP' }],
    });
  });
});

describe('an error for a Gemini client', () => {
  test('has Google’s status word and names the field', () => {
    const error = new GatewayError('invalid_request', 'so', { param: 'contents[0].role' });
    expect(gemini.error.write(error, 'r1')).toEqual({
      status: 400,
      body: {
        error: {
          code: 400,
          message: 'so',
          status: 'INVALID_ARGUMENT',
          details: [
            {
              '@type': 'type.googleapis.com/google.rpc.BadRequest',
              fieldViolations: [{ field: 'contents[0].role', description: 'so' }],
            },
          ],
        },
      },
    });
  });

  test('says how long to wait', () => {
    const error = new GatewayError('rate_limited', 'so', { retryAfterMs: 1500 });
    expect(gemini.error.write(error, 'r1').body).toMatchObject({
      error: {
        code: 429,
        status: 'RESOURCE_EXHAUSTED',
        details: [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '2s' }],
      },
    });
  });
});
