/** What documents say together. */

import type { Body, Head } from '../../../src/core/cluster/document.ts';
import {
  joinKnowledge,
  type Knowledge,
  knowledgeOfBody,
  knowledgeOfHead,
  noKnowledge,
} from '../../../src/core/cluster/knowledge.ts';

/** Heard in this order. */
export const knowing = (...documents: readonly (Head | Body)[]): Knowledge =>
  documents
    .map((each) =>
      'flights' in each ? knowledgeOfHead(each.instance, each) : knowledgeOfBody(each.instance, each),
    )
    .reduce(joinKnowledge, noKnowledge);
