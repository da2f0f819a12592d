import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { createPrefixCache, forgetModel, prefixHit, remember } from '../../src/core/prefix-cache.ts';
import { type ConversationPart, type PrefixChain, prefixChainOf } from '../../src/core/prefix-chain.ts';
import { propertyRuns } from '../property-runs.ts';

const chainTokens = ({ tokens }: PrefixChain): number => tokens.at(-1) ?? 0;

const system = (text: string): ConversationPart => ({ role: 'system', text });
const user = (text: string): ConversationPart => ({ role: 'user', text });
const assistant = (text: string): ConversationPart => ({ role: 'assistant', text });

const conversation = fc.array(
  fc.record({
    role: fc.constantFrom('system', 'user'),
    text: fc.oneof(
      fc.constantFrom('', 'a', 'b'),
      fc.constantFrom(1023, 1024, 1025, 5000).map((length) => 'a'.repeat(length)),
    ),
  }),
  { maxLength: 6 },
);

/** The tokens of the leading blocks two chains share, counted one by one. */
const sharedTokens = (
  left: readonly number[],
  right: readonly number[],
  tokens: readonly number[],
): number => {
  let index = 0;
  while (index < left.length && left[index] === right[index]) index += 1;
  return tokens[index - 1] ?? 0;
};

describe('the chain of a conversation', () => {
  test('goes on where the last turn ended', () => {
    const first = [system('Be brief.'), user('What is a points lever?'.repeat(200))];
    const second = [...first, assistant('It moves the rails.'), user('And a frog?')];
    const before = prefixChainOf('m', first);
    const after = prefixChainOf('m', second);
    expect(after.hashes.slice(0, before.hashes.length)).toEqual([...before.hashes]);
    expect(after.key).toBe(before.key);
    expect(chainTokens(after)).toBeGreaterThan(chainTokens(before));
  });

  test('differs from the first difference on, however deep it lies', () => {
    const text = 'long '.repeat(2000);
    const left = prefixChainOf('m', [user(`${text}left`), assistant('same')]);
    const right = prefixChainOf('m', [user(`${text}right`), assistant('same')]);
    expect(left.hashes[0]).toBe(right.hashes[0]);
    expect(left.hashes.at(-2)).not.toBe(right.hashes.at(-2));
    expect(left.hashes.at(-1)).not.toBe(right.hashes.at(-1));
    expect(left.key).not.toBe(right.key);
  });

  test('tells roles, message boundaries and models apart', () => {
    const chains = [
      prefixChainOf('m', [user('ab')]),
      prefixChainOf('m', [assistant('ab')]),
      prefixChainOf('m', [user('a'), user('b')]),
      prefixChainOf('n', [user('ab')]),
    ];
    expect(new Set(chains.map(({ hashes }) => hashes.at(-1))).size).toBe(chains.length);
  });

  test('counts leading instructions and tools as shared, later ones not', () => {
    const shared = [system('x'.repeat(400)), { role: 'tools', text: 'y'.repeat(400) }];
    expect(prefixChainOf('m', [...shared, user('hi'), system('late'.repeat(100))]).sharedTokens).toBe(200);
    expect(prefixChainOf('m', [user('hi')]).sharedTokens).toBe(0);
  });

  test('takes the tokens it is told where text says nothing about them', () => {
    const image = { role: 'user', text: 'A'.repeat(50_000), tokens: 700 };
    expect(chainTokens(prefixChainOf('m', [user('what is this?'), image]))).toBe(4 + 700);
  });

  test('of nothing is empty', () => {
    expect(prefixChainOf('m', []).hashes).toEqual([]);
    expect(chainTokens(prefixChainOf('m', []))).toBe(0);
  });
});

describe('what a host is believed to hold', () => {
  test('is the longest leading part it was shown, for any conversations', () => {
    fc.assert(
      fc.property(fc.array(conversation, { maxLength: 6 }), conversation, (shown, asked) => {
        const cache = createPrefixCache();
        const chains = shown.map((parts) => prefixChainOf('m', parts));
        for (const chain of chains) remember(cache, chain);
        const chain = prefixChainOf('m', asked);
        const longest = Math.max(
          0,
          ...chains.map(({ hashes }) => sharedTokens(chain.hashes, hashes, chain.tokens)),
        );
        expect(prefixHit(cache, chain)).toBe(longest);
      }),
      { numRuns: propertyRuns / 4 },
    );
  });

  test('stays within its bounds, keeps its count, and never keeps a block without what precedes it', () => {
    const limits = fc.record({ maxBlocks: fc.integer({ min: 1, max: 12 }), maxTokens: fc.nat(4000) });
    fc.assert(
      fc.property(limits, fc.array(conversation, { maxLength: 8 }), (bounds, shown) => {
        const cache = createPrefixCache(bounds);
        const chains = shown.map((parts, index) => prefixChainOf(index % 3 === 0 ? 'n' : 'm', parts));
        for (const [index, chain] of chains.entries()) {
          remember(cache, chain);
          if (index % 4 === 3) forgetModel(cache, 'n');
          expect(cache.blocks.size).toBeLessThanOrEqual(bounds.maxBlocks);
          expect(cache.tokens).toBeLessThanOrEqual(bounds.maxTokens);
          const tokens = [...cache.blocks.values()].reduce((sum, block) => sum + block.tokens, 0);
          expect(cache.tokens).toBe(tokens);
          for (const { hashes } of chains) {
            const held = hashes.map((hash) => cache.blocks.has(hash));
            expect(held.lastIndexOf(true)).toBeLessThan(
              held.includes(false) ? held.indexOf(false) : Infinity,
            );
          }
        }
      }),
      { numRuns: propertyRuns / 4 },
    );
  });

  test('loses the conversation that was not continued for longest', () => {
    const cache = createPrefixCache({ maxTokens: 2500 });
    const chains = ['a', 'b', 'c'].map((name) => prefixChainOf('m', [user(name.repeat(4000))]));
    const [first, second, third] = chains;
    if (first === undefined || second === undefined || third === undefined) throw new Error('no chains');
    remember(cache, first);
    remember(cache, second);
    remember(cache, first);
    remember(cache, third);
    expect(prefixHit(cache, first)).toBe(1000);
    expect(prefixHit(cache, second)).toBeLessThan(1000);
    expect(prefixHit(cache, third)).toBe(1000);
  });

  test('goes with the model that left the memory, and with no other', () => {
    const cache = createPrefixCache();
    const [ours, others] = [prefixChainOf('m', [user('hello')]), prefixChainOf('n', [user('hello')])];
    remember(cache, ours);
    remember(cache, others);
    forgetModel(cache, 'm');
    expect(prefixHit(cache, ours)).toBe(0);
    expect(prefixHit(cache, others)).toBe(2);
  });
});
