/** How hard a model shall think, in what its generation understands. May import spec. */

import type { ChatRequest, Thinking } from '../../spec/chat-request.ts';
import type { JsonObject } from '../../spec/json.ts';

/**
 * From the third generation on a level is wanted; those before it know a number of tokens alone. Names that follow the
 * newest model have left the second behind.
 */
export const isThirdGeneration = (model: string): boolean =>
  /^(?:models\/)?gemini-(?:[3-9]|\d\d|(?:pro|flash|flash-lite)-latest$)/.test(model);

/** What each level may cost where only tokens are counted; 24,576 is the most that all of them take. */
const budgets: Readonly<Record<Exclude<Thinking, boolean>, number>> = {
  minimal: 512,
  low: 1024,
  medium: 8192,
  high: 24_576,
  max: 24_576,
};

/** Only the small models of the third generation take the lowest level. */
const levelOf = (thinking: Exclude<Thinking, boolean>, model: string): string => {
  if (thinking === 'minimal') return model.includes('pro') ? 'LOW' : 'MINIMAL';
  return thinking === 'max' ? 'HIGH' : thinking.toUpperCase();
};

/** `thinkingConfig`; undefined where the caller said nothing. Who wants thoughts wants to read them. */
export const thinkingConfigOf = ({
  model,
  thinking,
  thinkingTokens,
}: ChatRequest): JsonObject | undefined => {
  if (thinking === undefined && thinkingTokens === undefined) return undefined;
  const isThird = isThirdGeneration(model);
  if (thinking === false) {
    return isThird ? { thinkingLevel: levelOf('minimal', model) } : { thinkingBudget: 0 };
  }
  if (thinkingTokens !== undefined) return { includeThoughts: true, thinkingBudget: thinkingTokens };
  if (thinking === true || thinking === undefined) {
    return isThird ? { includeThoughts: true } : { includeThoughts: true, thinkingBudget: -1 };
  }
  return isThird
    ? { includeThoughts: true, thinkingLevel: levelOf(thinking, model) }
    : { includeThoughts: true, thinkingBudget: budgets[thinking] };
};
