/** What a replica has to tell, as a person reads it in a log. Imports nothing but types. */

import type { Ignored } from './envelope.ts';
import type { ReplicaNews } from './replica-port.ts';

const passedOver: Readonly<Record<Ignored, string>> = {
  'foreign-secret': 'documents made with another state.secret, or without one, are passed over',
  'too-large': 'a document beyond the largest size is passed over',
  'other-version': 'documents of an instance that writes them otherwise are passed over',
  garbage: 'a document that is torn, changed or none at all is passed over',
};

/** Undefined where what happened says all of it. */
export const newsWords = (news: ReplicaNews): string | undefined => {
  if (news.what === 'ignored') return `${passedOver[news.reason]} (${news.reason})`;
  if (news.what === 'renamed') return `an older instance has its name; this one is ${news.reason} now`;
  return news.reason;
};
