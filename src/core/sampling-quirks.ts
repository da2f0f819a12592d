/** What single models and servers refuse of the wishes how words are chosen, left out and named. Pure; imports spec. */

import type { ChatRequest, Sampling } from '../spec/chat-request.ts';
import type { Quirk } from '../spec/vocabulary.ts';

/** By quirk: the wish, the name it is told by, and the value that says nothing. */
const unwanted: Partial<Record<Quirk, readonly (readonly [keyof Sampling, string, number?])[]>> = {
  'no-extra-sampling': [
    ['topK', 'top_k'],
    ['minP', 'min_p'],
    ['repeatPenalty', 'repeat_penalty', 1],
  ],
  'default-sampling': [
    ['temperature', 'temperature', 1],
    ['topP', 'top_p', 1],
    ['frequencyPenalty', 'frequency_penalty', 0],
    ['presencePenalty', 'presence_penalty', 0],
  ],
};

/** A request without what would be refused; the same object where nothing would. */
export const withSampling = (
  request: ChatRequest,
  quirks: readonly Quirk[],
): { readonly request: ChatRequest; readonly dropped: readonly string[] } => {
  let sampling: Sampling | undefined;
  let { logprobs } = request;
  const dropped: string[] = [];
  for (const quirk of quirks) {
    for (const [wish, name, nothing] of unwanted[quirk] ?? []) {
      const value = request.sampling[wish];
      if (value === undefined) continue;
      sampling = { ...(sampling ?? request.sampling), [wish]: undefined };
      if (value !== nothing) dropped.push(name);
    }
    if (quirk === 'default-sampling' && logprobs !== undefined) {
      logprobs = undefined;
      dropped.push('logprobs');
    }
  }
  if (sampling === undefined && logprobs === request.logprobs) return { request, dropped };
  return { request: { ...request, sampling: sampling ?? request.sampling, logprobs }, dropped };
};
