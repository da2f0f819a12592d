/** Filter: the host speaks a dialect that carries the operation, and the model is made for it. */

import type { Capability, Work } from '../../spec/vocabulary.ts';
import type { Filter } from '../policy.ts';

const wantedBy: Readonly<Record<Work, Capability>> = {
  chat: 'completion',
  complete: 'completion',
  embed: 'embedding',
  transcription: 'transcription',
  'speech-translation': 'transcription',
  speech: 'speech',
  'image-generation': 'image-generation',
  moderation: 'moderation',
  rerank: 'rerank',
};

const isPassedOn = (operation: Work): boolean =>
  operation !== 'chat' && operation !== 'complete' && operation !== 'embed';

/** Keeps embedding requests off chat-only models and the reverse, where the engine says what a model is. */
export const servesOperation: Filter = (ask, candidate) => {
  // What is not translated needs a host whose own dialect has it.
  if (isPassedOn(ask.operation) && !candidate.speaks.includes('openai-chat'))
    return { kind: 'incapable', text: 'it has no such operation' };
  const { capabilities } = candidate.card;
  if (capabilities === undefined || capabilities.length === 0) return true;
  const wanted = wantedBy[ask.operation];
  return (
    capabilities.includes(wanted) || {
      kind: 'incapable',
      text: `the model has no ${wanted} capability there`,
    }
  );
};
