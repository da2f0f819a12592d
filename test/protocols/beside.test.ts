import { describe, expect, test } from 'bun:test';
import { ollama } from '../../src/protocols/ollama/index.ts';
import { openaiChat } from '../../src/protocols/openai-chat/index.ts';
import { stamp } from './codec.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (chunk: Uint8Array): string => new TextDecoder().decode(chunk);

describe('a heartbeat', () => {
  test('of NDJSON is a line with empty content in the shape that was asked for', () => {
    const head = '{"model":"a/b:\\"c\\"","created_at":"2026-08-21T10:00:00.000Z"';
    expect(text(ollama.heartbeat('a/b:"c"', 'chat', stamp))).toBe(
      `${head},"message":{"role":"assistant","content":""},"done":false}\n`,
    );
    expect(text(ollama.heartbeat('a/b:"c"', 'complete', stamp))).toBe(
      `${head},"response":"","done":false}\n`,
    );
  });

  test('of SSE is a comment in fresh bytes, since a stream may take them over', () => {
    const first = openaiChat.heartbeat('m', 'chat', stamp);
    expect(text(first)).toBe(': ping\n\n');
    expect(openaiChat.heartbeat('m', 'chat', stamp)).not.toBe(first);
  });
});

describe('facts in NDJSON', () => {
  const facts = { backend: 'gpu', reason: 'near "you"' };
  const member = '"pointsman":{"backend":"gpu","reason":"near \\"you\\""}';
  const rows: [string, string, string][] = [
    ['an object', '{"done":true}\n', `{"done":true,${member}}\n`],
    ['the last of several', '{"a":1}\n{"done":true}\r\n', `{"a":1}\n{"done":true,${member}}\r\n`],
    ['an object without its newline', '{"done":true}', `{"done":true,${member}}`],
    ['an object that ends in another', '{"a":{"b":1} }\n', `{"a":{"b":1} ,${member}}\n`],
    ['an empty object', '{ }\n', `{ ${member}}\n`],
    ['the tail of an object', '"é":1}\n', `"é":1,${member}}\n`],
  ];

  test.each(rows)('go into %s', (_name, last, expected) => {
    expect(text(ollama.annotate(bytes(last), facts))).toBe(expected);
  });

  test.each(['', '\n', 'half a li', '[1]\n', '"}"'])('leave %p alone', (last) => {
    const chunk = bytes(last);
    expect(ollama.annotate(chunk, facts)).toBe(chunk);
  });
});

describe('facts in SSE', () => {
  test('follow as one comment, quoted where they hold more than a word', () => {
    expect(
      text(
        openaiChat.annotate(bytes('data: [DONE]\n\n'), {
          backend: 'gpu',
          attempts: '2',
          reason: 'a b',
          note: '',
        }),
      ),
    ).toBe('data: [DONE]\n\n: pointsman backend=gpu attempts=2 reason="a b" note=""\n\n');
  });

  test('stand alone where nothing else is sent', () => {
    expect(text(openaiChat.annotate(new Uint8Array(0), { backend: 'gpu' }))).toBe(
      ': pointsman backend=gpu\n\n',
    );
  });

  test('leave half a line alone', () => {
    const chunk = bytes('data: {"a"');
    expect(openaiChat.annotate(chunk, { backend: 'gpu' })).toBe(chunk);
  });
});
