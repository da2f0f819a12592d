/** A plain completion as a dialect of conversations alone can ask for it. May import spec and this folder. */

import type { Message, Prompt } from '../spec/chat-request.ts';
import { refuseCompletion } from './no-completion.ts';

/** The prompt as the turn of a user, its images before its text; refused where it wants no template or a suffix. */
export const promptMessages = (prompt: Prompt): readonly Message[] => {
  const { text, suffix, system, raw, images = [] } = prompt;
  if (raw === true || suffix !== undefined) throw refuseCompletion(prompt);
  const content = [
    ...images.map((data) => ({ type: 'image', data }) as const),
    { type: 'text', text } as const,
  ];
  return [
    ...(system === undefined ? [] : [{ role: 'system', content: system } as const]),
    { role: 'user', content },
  ];
};
