import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { cannedMessage, clientMessage } from '../../src/core/client-message.ts';
import { propertyRuns } from '../property-runs.ts';

const shown: readonly (readonly [string, string])[] = [
  ["model 'llama3.2:3b' not found", "model 'llama3.2:3b' not found"],
  ['registry.ollama.ai/library/gemma:2b does not support tools', 'gemma:2b does not support tools'],
  ['model ai/smollm2:latest not found', 'model ai/smollm2:latest not found'],
  [
    'model hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M not found',
    'model hf.co/bartowski/Llama-3.2-1B-Instruct-GGUF:Q4_K_M not found',
  ],
  [
    'The model `DeepSeek-R1-Distill-Qwen-32B-abliterated` does not exist.',
    'The model `DeepSeek-R1-Distill-Qwen-32B-abliterated` does not exist.',
  ],
  [
    'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 12.50 MiB on device 1: cudaMalloc failed: out of memory',
    'ggml_backend_cuda_buffer_type_alloc_buffer: allocating 12.50 MiB on device 1: cudaMalloc failed: out of memory',
  ],
  [
    'request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it',
    'request (5000 tokens) exceeds the available context size (4096 tokens), try increasing it',
  ],
  [
    'vk::Device::allocateMemory: ErrorOutOfDeviceMemory',
    'vk::Device::allocateMemory: ErrorOutOfDeviceMemory',
  ],
  [
    'Post "https://ollama.com:443/api/chat?ts=1": dial tcp 203.0.113.5:443: i/o timeout',
    'Post "…": dial tcp …: i/o timeout',
  ],
  ['connect to gpubox:11434 refused', 'connect to … refused'],
  ['connect to gpu.lab.example:80: refused', 'connect to …: refused'],
  ['lookup gpu1 on 10.0.0.2:53: no such host', 'lookup … on …: no such host'],
  ['no route to model-runner.docker.internal', 'no route to …'],
  ['open /usr/share/ollama/.ollama/models/blobs/sha256-ab: permission denied', 'open …: permission denied'],
  ['failed to open "C:\\Users\\Jane Doe\\m.gguf" now', 'failed to open … now'],
  ['cannot read ../models/private.gguf', 'cannot read …'],
  ['open /srv/data2x9/a1b2c3d4e5f6a7b8c9d0e1f2/.ollama/models/x.gguf: gone', 'open …: gone'],
  ['first line\nsecond line', 'first line'],
  ['\n\n  spaced \t out\r\nmore', 'spaced out'],
  ['http://10.0.0.1/', ''],
  ['', ''],
];

describe('an engine sentence reaches the client without what is nobody else’s business', () => {
  for (const [upstream, expected] of shown) {
    test(`${JSON.stringify(upstream)} is shown as ${JSON.stringify(expected)}`, () => {
      expect(clientMessage(upstream)).toBe(expected);
    });
  }

  test('a long sentence is cut to 300 characters and says so', () => {
    const message = clientMessage('word '.repeat(200));
    expect(message.length).toBe(300);
    expect(message.endsWith('…')).toBe(true);
  });

  test('control and direction characters do not pass', () => {
    expect(clientMessage('a\u0000b\u001b[31mc\u202ed')).toBe('a b [31mc d');
  });
});

const hex = '3f786850e387550fdab836ed7e6dc881de23001b';
const base64 = 'dGhpcyBpcyBhIHZlcnkgc2VjcmV0IGtleSBpbmRlZWQ';
const canaries: readonly string[] = [
  'sk-live-0123456789abcdef',
  'sk-proj-AbC_dEf-123456',
  'sk-ant-api03-x1y2z3',
  'AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY',
  'Bearer abc.def-ghi',
  'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
  'hf_AbCdEfGhIjKlMnOpQrSt',
  'gsk_a1B2c3D4e5F6g7H8',
  'AKIAIOSFODNN7EXAMPLE',
  'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
  'org-a1b2c3d4e5f6',
  hex,
  base64,
  `${base64.slice(0, 20)}-_${base64.slice(20)}==`,
  'http://user:pass@10.1.2.3:8080/v1?key=abc',
  'https://internal.example/path?api_key=zzz',
  'unix:///var/run/docker.sock',
  '192.168.178.22',
  '10.0.0.5:11434',
  '10.0.0.5.nip.io',
  '[fe80::1%eth0]:11434',
  '2001:db8:85a3::8a2e:370:7334',
  '::ffff:10.0.0.5',
  'localhost:8080',
  'gpu-01.rack.example.org:443/private',
  'nas.lan',
  'jane.doe@example.org',
  '/srv/models/x.gguf',
  '~/secret/x.gguf',
  'C:\\models\\x.gguf',
  '\\\\nas\\share\\x.gguf',
];

/** The part of a canary that would betray it: its longest run of letters and digits. */
const telling = (canary: string): string =>
  canary
    .split(/[^A-Za-z0-9]+/)
    .reduce((longest, part) => (part.length > longest.length ? part : longest), '');

describe('secrets and addresses do not pass', () => {
  const frames = [
    (secret: string) => `upstream said ${secret} is bad`,
    (secret: string) => `${secret}`,
    (secret: string) => `failed: "${secret}"`,
    (secret: string) => `(${secret})`,
    (secret: string) => `at ${secret}: refused`,
  ];
  for (const canary of canaries) {
    test(`${canary} is taken out`, () => {
      for (const frame of frames) expect(clientMessage(frame(canary))).not.toContain(telling(canary));
    });
  }

  test('what follows a word that announces a secret is taken out, however short', () => {
    for (const text of [
      'api_key=abc12',
      'token: abc12',
      '"password": "abc12"',
      'Incorrect API key provided: abc12',
    ]) {
      expect(clientMessage(text)).not.toContain('abc12');
    }
  });

  test('a secret that the length limit would cut in two does not show its beginning', () => {
    const message = clientMessage(`${'a'.repeat(2040)} sk-live-0123456789`);
    expect(message).not.toContain('sk-');
    expect(clientMessage(`${`${hex} `.repeat(49)}${' '.repeat(38)}sk-live-0123456789`)).not.toContain('sk-');
  });

  test('a random hexadecimal or base64 key never passes, wherever it stands', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 25, maxLength: 64 }),
        fc.constantFrom('hex', 'base64', 'base64url'),
        fc.lorem({ maxCount: 5 }),
        (bytes, encoding, words) => {
          const secret = Buffer.from(bytes).toString(encoding as 'hex');
          // Bytes that hardly differ are no key, and their base64 may read like a word.
          fc.pre(new Set(bytes).size > 18);
          expect(clientMessage(`${words} ${secret} ${words}`)).not.toContain(secret.slice(0, 20));
        },
      ),
      { numRuns: propertyRuns },
    );
  });

  test('any text gives one short line in little time', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 4000 }), (text) => {
        const message = clientMessage(text);
        expect(message.length).toBeLessThanOrEqual(300);
        expect(message).not.toMatch(/[\r\n\u2028\u2029]/);
      }),
      { numRuns: Math.ceil(propertyRuns / 10) },
    );
    const hostile = [
      'a.'.repeat(4000),
      'a:'.repeat(4000),
      '-'.repeat(8000),
      'a@'.repeat(4000),
      '[:'.repeat(4000),
      'x='.repeat(4000),
    ];
    const startedAt = performance.now();
    for (const text of hostile) clientMessage(text);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

test('texts of keys, accounts and addresses are replaced, all others may pass', () => {
  for (const outcome of ['auth', 'network', 'quota'] as const) expect(cannedMessage(outcome)).toBeString();
  for (const outcome of ['client', 'context', 'vram', 'model', 'crash'] as const) {
    expect(cannedMessage(outcome)).toBeUndefined();
  }
});
