/** Scorer: what the model is made for is what the request asks for. */

import type { TaskType } from '../../spec/analysis.ts';
import type { Capability } from '../../spec/vocabulary.ts';
import type { Candidate } from '../candidate.ts';
import type { Scorer } from '../policy.ts';

/** What a kind of work profits from. */
const helpful: Readonly<Partial<Record<TaskType, Capability>>> = {
  mathematics: 'thinking',
  reasoning: 'thinking',
  analysis: 'thinking',
  extraction: 'tools',
  vision: 'vision',
  speech: 'audio',
  embedding: 'embedding',
};

/** Models made for one kind of work say so in their names. */
const specialists: readonly (readonly [task: TaskType, name: RegExp])[] = [
  ['code', /cod(?:e|er|ing|estral|egemma|ellama)(?![a-z]{3})|starcoder|devstral|sqlcoder/i],
  ['mathematics', /math|mathstral/i],
  ['reasoning', /(?:^|[-:/])(?:r1|qwq|o[134])(?:$|[-:])|reason|think/i],
  ['vision', /llava|vision|moondream|(?:^|[\d.:/-])vl(?:$|[-:])/i],
  ['translation', /aya|madlad|tower|translate/i],
];

const nearWork: Readonly<Partial<Record<TaskType, TaskType>>> = {
  mathematics: 'reasoning',
  reasoning: 'mathematics',
  analysis: 'reasoning',
};

const specialityOf = ({ upstream }: Candidate): TaskType | undefined =>
  specialists.find(([, name]) => name.test(upstream))?.[0];

const fitOf = (task: TaskType, candidate: Candidate): number => {
  const speciality = specialityOf(candidate);
  const capability = helpful[task];
  const helps = capability !== undefined && candidate.card.capabilities?.includes(capability) === true;
  if (speciality === task) return 1;
  if (helps) return 0.9;
  if (speciality !== undefined && nearWork[task] === speciality) return 0.8;
  // A model bent to one thing is worse at others than one that was not.
  return speciality === undefined || speciality === 'vision' ? 0.6 : 0.2;
};

/** 1 for a model made for this, 0.6 for one made for everything, 0.2 for one made for something else. */
export const suited: Scorer = ({ auto }, candidates) =>
  candidates.map((candidate) => (auto === undefined ? 1 : fitOf(auto.analysis.task.value, candidate)));
