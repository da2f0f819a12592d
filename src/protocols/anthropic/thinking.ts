/** How a wish to think is put to one of the provider's models: older ones take a budget, newer ones an effort. May import spec. */

import type { ChatRequest, Thinking } from '../../spec/chat-request.ts';
import type { JsonObject } from '../../spec/json.ts';
import { isOwn } from './render-message.ts';

/** What is added to a body. */
export interface RenderedThinking {
  readonly thinking?: JsonObject;
  readonly effort?: string;
  /** The limit of the answer, which holds the thinking too. */
  readonly maxTokens: number;
}

/** Where the caller set no limit, though this dialect needs one; the smallest that all current models allow. */
const defaultMaxTokens = 8192;

/** The provider's own smallest budget. */
const minBudgetTokens = 1024;

const budgets: Readonly<Record<Exclude<Thinking, boolean>, number>> = {
  minimal: minBudgetTokens,
  low: minBudgetTokens,
  medium: 4096,
  high: 16_384,
  max: 32_768,
};

const budgetOf = ({ thinking, thinkingTokens }: ChatRequest): number => {
  const tokens = thinkingTokens ?? (typeof thinking === 'string' ? budgets[thinking] : budgets.medium);
  return Math.max(minBudgetTokens, tokens);
};

const versionOf = (model: string): number => {
  const [, major, minor] =
    /claude-(?:[a-z]+-)?(\d{1,2})(?:-(\d{1,2})(?!\d))?/.exec(model.toLowerCase()) ?? [];
  return major === undefined ? 0 : Number(major) + Number(minor ?? 0) / 100;
};

/** From this version on a model decides by itself how long to think. */
const firstAdaptive = 4.06;

/** From this version on a model refuses every temperature, `top_p` and `top_k`, whether it thinks or not. */
const firstUntuned = 4.07;

/** Whether a model can be told how freely to choose its words. */
export const takesSampling = (model: string): boolean => versionOf(model) < firstUntuned;

const effortOf = (thinking: Thinking | undefined): string | undefined => {
  if (typeof thinking !== 'string') return undefined;
  return thinking === 'minimal' ? 'low' : thinking;
};

/** Whether a turn of tools is under way whose reasoning the provider did not sign: it would refuse to think on. */
const isUnsignedTurn = ({ messages }: ChatRequest): boolean => {
  for (let index = messages.length - 1; index >= 0; index -= 1) {
    const message = messages[index];
    if (message?.role === 'tool') continue;
    return (
      message?.role === 'assistant' &&
      (message.toolCalls?.length ?? 0) > 0 &&
      message.reasoningBlocks?.some(isOwn) !== true
    );
  }
  return false;
};

/** Thinking and a forced call exclude each other here, and a budget must fit into the answer's limit. */
const cannotThink = (request: ChatRequest): boolean => {
  const { toolChoice, sampling } = request;
  const isForced = toolChoice === 'required' || typeof toolChoice === 'object';
  return isForced || (sampling.maxTokens ?? defaultMaxTokens) <= minBudgetTokens;
};

/** The members of a body for the thinking that is asked for; names it in `dropped` where it cannot be had. */
export const renderThinking = (request: ChatRequest, dropped: string[]): RenderedThinking => {
  const { thinking, sampling, thinkingTokens } = request;
  const maxTokens = sampling.maxTokens ?? defaultMaxTokens;
  const isWanted = (thinking !== undefined && thinking !== false) || (thinkingTokens ?? 0) > 0;
  if (!isWanted) return { maxTokens };
  const isAdaptive = versionOf(request.model) >= firstAdaptive;
  if (cannotThink(request) || (!isAdaptive && isUnsignedTurn(request))) {
    dropped.push('thinking');
    return { maxTokens };
  }
  if (isAdaptive) {
    if (thinkingTokens !== undefined) dropped.push('thinking_tokens');
    const effort = effortOf(thinking);
    return { thinking: { type: 'adaptive' }, ...(effort === undefined ? {} : { effort }), maxTokens };
  }
  const budget = budgetOf(request);
  const limit = sampling.maxTokens ?? budget + defaultMaxTokens;
  return {
    thinking: { type: 'enabled', budget_tokens: Math.min(budget, limit - 1) },
    maxTokens: limit,
  };
};
