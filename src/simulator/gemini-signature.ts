/** Signatures of thoughts: opaque to callers, and known again by the host that made them. */

import { createSeededRandom, hashText } from './seeded-random.ts';

const prefix = 'Simulated signature ';

/** What Google takes for a call that another model made. */
const accepted: ReadonlySet<string> = new Set([
  'skip_thought_signature_validator',
  'context_engineering_is_the_way_to_go',
]);

/** The signature of one answer. */
export const signatureOf = (text: string): string => {
  const random = createSeededRandom(hashText(text));
  return btoa(`${prefix}${Math.floor(random() * 1e9)}`);
};

/** Whether a signature was made here, or is one that says that there is none. */
export const isSignature = (text: string): boolean => {
  if (accepted.has(text)) return true;
  try {
    return atob(text).startsWith(prefix);
  } catch {
    return false;
  }
};
