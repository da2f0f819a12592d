import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { isForeignSignature, readSignature, writeSignature } from '../../src/protocols/signature-tag.ts';
import type { ProtocolId } from '../../src/spec/vocabulary.ts';

const dialects: readonly ProtocolId[] = ['ollama', 'openai-chat', 'openai-responses', 'anthropic', 'gemini'];

describe('a signature in a client’s hands', () => {
  test('comes back to the dialect that made it, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...dialects),
        fc.constantFrom(...dialects),
        fc.string({ unit: 'grapheme', minLength: 1 }),
        (protocol, own, value) => {
          const text = writeSignature({ protocol, value }, own);
          expect(readSignature(text, own)).toEqual({ protocol, value });
          expect(isForeignSignature(text)).toBe(protocol !== own);
        },
      ),
    );
  });

  test('is its own where the name before it is none', () => {
    expect(readSignature('pointsman.other.x', 'anthropic')).toEqual({
      protocol: 'anthropic',
      value: 'pointsman.other.x',
    });
  });
});
