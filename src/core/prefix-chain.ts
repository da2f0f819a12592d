/**
 * A conversation as a chain of block hashes, each covering everything before it: two requests share as much
 * prompt as their chains share blocks, which is what an engine's prompt cache goes by. Pure.
 */

import { hashText } from './hash.ts';

/** One message, or one other text that the engine reads before the answer. */
export interface ConversationPart {
  /** `tools` for tool specifications, `prompt` for a plain completion, else the message's role. */
  readonly role: string;
  readonly text: string;
  /** Where the length of the text says nothing about it, as with an image. */
  readonly tokens?: number;
}

/** Equal chains are equal prompts for the same model; positions count blocks. */
export interface PrefixChain {
  readonly model: string;
  readonly hashes: readonly number[];
  /** Estimated prompt tokens up to and with each block. */
  readonly tokens: readonly number[];
  /** Tokens of the leading instructions and tools, which strangers' conversations may have too. */
  readonly sharedTokens: number;
  /** The same for all turns of a conversation: covers its instructions and the whole first message. */
  readonly key: number;
}

/** About 256 tokens of 4 characters, in the size that paged prompt caches work with. */
const blockCharacters = 1024;
const charactersPerToken = 4;

const sharedRoles: ReadonlySet<string> = new Set(['system', 'developer', 'tools']);

/** Cuts the parts into blocks that end with each message, so that the next turn finds the same blocks again. */
export const prefixChainOf = (model: string, parts: readonly ConversationPart[]): PrefixChain => {
  const hashes: number[] = [];
  const tokens: number[] = [];
  let hash = hashText(model);
  let total = 0;
  let sharedTokens = 0;
  let key: number | undefined;
  for (const { role, text, tokens: known } of parts) {
    const before = total;
    hash = hashText(role, hash);
    let start = 0;
    do {
      const end = Math.min(text.length, start + blockCharacters);
      hash = hashText(text, hash, start, end);
      total = known ?? Math.ceil(end / charactersPerToken);
      total += before;
      hashes.push(hash);
      tokens.push(total);
      start = end;
    } while (start < text.length);
    if (key !== undefined) continue;
    if (sharedRoles.has(role)) sharedTokens = total;
    else key = hash;
  }
  return { model, hashes, tokens, sharedTokens, key: key ?? hash };
};
