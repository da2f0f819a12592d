/**
 * What one host is believed to hold in its prompt caches: the block hashes of the conversations it served last.
 * A structure that changes in place, because it is touched per request and only its newest part matters;
 * it has no clock, and the same calls leave the same content. Pure otherwise.
 */

import type { PrefixChain } from './prefix-chain.ts';

/** How much is believed of one host at most. */
export interface PrefixLimits {
  /** Bounds this program's memory. */
  readonly maxBlocks: number;
  /** Bounds the belief: an engine holds no more than its slots times its context. */
  readonly maxTokens: number;
}

interface Block {
  readonly model: string;
  readonly tokens: number;
}

/** Blocks in the order they were last used, oldest first; whatever precedes a block is never older than the block. */
export interface PrefixCache {
  readonly limits: PrefixLimits;
  readonly blocks: Map<number, Block>;
  tokens: number;
}

/** An empty belief; 4,096 blocks are about a million tokens and some hundred kilobytes. */
export const createPrefixCache = (limits: Partial<PrefixLimits> = {}): PrefixCache => ({
  limits: { maxBlocks: limits.maxBlocks ?? 4096, maxTokens: limits.maxTokens ?? Infinity },
  blocks: new Map(),
  tokens: 0,
});

/** How many leading prompt tokens of a request the host holds; a binary search, as no held block lacks what precedes it. */
export const prefixHit = (cache: PrefixCache, chain: PrefixChain): number => {
  let held = 0;
  let lost = chain.hashes.length + 1;
  while (lost - held > 1) {
    const middle = (held + lost) >>> 1;
    if (cache.blocks.has(chain.hashes[middle - 1] ?? -1)) held = middle;
    else lost = middle;
  }
  return chain.tokens[held - 1] ?? 0;
};

/** Notes that the host has read this prompt; the longest unused blocks go, the end of a conversation before its start. */
export const remember = (cache: PrefixCache, chain: PrefixChain): void => {
  const { blocks, limits } = cache;
  for (let index = Math.min(chain.hashes.length, limits.maxBlocks) - 1; index >= 0; index -= 1) {
    const hash = chain.hashes[index];
    if (hash === undefined) continue;
    const known = blocks.get(hash);
    const tokens = (chain.tokens[index] ?? 0) - (chain.tokens[index - 1] ?? 0);
    if (known === undefined) cache.tokens += tokens;
    else blocks.delete(hash);
    blocks.set(hash, known ?? { model: chain.model, tokens });
  }
  for (const [hash, { tokens }] of blocks) {
    if (blocks.size <= limits.maxBlocks && cache.tokens <= limits.maxTokens) return;
    blocks.delete(hash);
    cache.tokens -= tokens;
  }
};

/** Forgets a model's prompts, because its cache went with it when it left the host's memory. */
export const forgetModel = (cache: PrefixCache, model: string): void => {
  for (const [hash, block] of cache.blocks) {
    if (block.model !== model) continue;
    cache.blocks.delete(hash);
    cache.tokens -= block.tokens;
  }
};
