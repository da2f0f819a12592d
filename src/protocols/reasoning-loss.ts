/** What a dialect without blocks of reasoning loses of them. May import spec. */

import type { ChatRequest, Message, ReasoningBlock } from '../spec/chat-request.ts';
import type { ProtocolId } from '../spec/vocabulary.ts';
import { callPath } from './origin.ts';

const isForeign = ({ signature }: ReasoningBlock, protocol: ProtocolId): boolean =>
  signature !== undefined && signature.protocol !== protocol;

/** Names every signature that `protocol` did not make, of reasoning and of tool calls: it is worth nothing there. */
export const nameForeignSignatures = (
  { reasoningBlocks, toolCalls }: Message,
  protocol: ProtocolId,
  at: string,
  dropped: string[],
): void => {
  if (reasoningBlocks !== undefined) {
    for (const [index, block] of reasoningBlocks.entries()) {
      if (isForeign(block, protocol)) dropped.push(`${at}.reasoning[${index}].signature`);
    }
  }
  if (toolCalls === undefined) return;
  for (const [index, call] of toolCalls.entries()) {
    if (call.signature !== undefined && call.signature.protocol !== protocol) {
      dropped.push(`${callPath(call, at, index)}.signature`);
    }
  }
};

/** Where a number of tokens becomes a level: the ends of low and medium as other gateways and SDKs draw them. */
const lowTokens = 2048;
const mediumTokens = 8192;

/** How hard to think for a dialect that knows levels alone; undefined where the caller said nothing. */
export const thinkingLevelOf = ({ thinking, thinkingTokens }: ChatRequest): ChatRequest['thinking'] => {
  if (thinkingTokens === undefined || typeof thinking === 'string' || thinking === false) return thinking;
  if (thinkingTokens <= 0) return false;
  if (thinkingTokens <= lowTokens) return 'low';
  return thinkingTokens <= mediumTokens ? 'medium' : 'high';
};
