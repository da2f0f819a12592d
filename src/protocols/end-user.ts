/** Who a caller says it asks for: a field of two dialects' own, which the others have no word for. May import spec. */

import type { ChatRequest } from '../spec/chat-request.ts';

/** OpenAI refuses longer ones. */
const maxOpenAiCharacters = 64;

/** Whether OpenAI's servers take it. */
export const isShortUser = (endUser: string): boolean => endUser.length <= maxOpenAiCharacters;

/** Names it as the caller does; in the Responses dialect it is one of the hints that are no loss. */
export const nameEndUser = ({ endUser, ext }: ChatRequest, dropped: string[]): void => {
  if (endUser === undefined || ext?.['openai-responses'] !== undefined) return;
  dropped.push(ext?.anthropic === undefined ? 'user' : 'metadata');
};
