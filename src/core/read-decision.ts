/** Reads a recorded decision back into what the planner takes. Pure; imports spec. */

import type { DecisionAttempt, DecisionEnd, Loss } from '../spec/decision.ts';
import { asObject, type Json } from '../spec/json.ts';
import { type BackendId, type Millis, rawNames } from '../spec/vocabulary.ts';
import { readAutoAsk, readConstraintsAsked } from './auto/read-choice.ts';
import type { Ask, Candidate, Snapshot } from './candidate.ts';
import { intentNames } from './intent.ts';
import {
  anyBoolean,
  anyNumber,
  anyText,
  listOf,
  objectOf,
  oneOf,
  optional,
  type Reader,
  WrongShape,
} from './json-reader.ts';
import { modeNames } from './mode.ts';
import { capabilities, maxEntries, notNegative, protocol, readCandidate } from './read-candidate.ts';

/** One look at the fleet, to be planned again. */
export interface RecordedRound {
  readonly ask: Ask;
  readonly snapshot: Snapshot;
  readonly seed: number;
  readonly policy: string;
  readonly chosen: BackendId | undefined;
}

/** A decision with what came of it. */
export interface RecordedDecision {
  readonly requestId: string;
  readonly model: string;
  readonly rounds: readonly RecordedRound[];
  readonly attempts: readonly DecisionAttempt[];
  readonly end: DecisionEnd | undefined;
}

const texts = listOf(anyText, maxEntries);

const loss = optional(objectOf<Loss>({ dropped: texts, refusal: optional(anyText) }));

type AskFields = Omit<Ask, 'sessionKey'>;

const askFields = objectOf<AskFields>({
  model: anyText,
  operation: oneOf('chat', 'complete', 'embed', ...rawNames),
  protocol,
  stream: anyBoolean,
  intent: oneOf(...intentNames),
  mode: oneOf(...modeNames),
  needs: capabilities,
  localOnly: anyBoolean,
  inputTokens: notNegative,
  countedTokens: optional(notNegative),
  outputTokens: notNegative,
  contextTokens: optional(notNegative),
  preferred: optional(anyText),
  region: optional(anyText),
  deadlineAt: optional(anyNumber),
  limits: objectOf<Ask['limits']>({
    maxFirstTokenMs: optional(notNegative),
    minReliability: optional(notNegative),
  }),
  tried: texts,
  constraints: optional(readConstraintsAsked),
  auto: optional(readAutoAsk),
  losses: optional(
    objectOf<NonNullable<Ask['losses']>>({
      ollama: loss,
      'openai-chat': loss,
      'openai-responses': loss,
      anthropic: loss,
      gemini: loss,
    }),
  ),
  strict: optional(anyBoolean),
});

const ask: Reader<Ask> = (value, at) => ({ ...askFields(value, at), sessionKey: undefined });

interface RoundFields {
  readonly now: Millis;
  readonly seed: number;
  readonly ask: Ask;
  readonly policy: string;
  readonly chosen: BackendId | undefined;
  readonly candidates: readonly Candidate[];
}

const roundFields = objectOf<RoundFields>({
  now: anyNumber,
  seed: anyNumber,
  ask,
  policy: anyText,
  chosen: optional(anyText),
  candidates: listOf(readCandidate, maxEntries),
});

const round: Reader<RecordedRound> = (value, at) => {
  const { now, candidates, ...fields } = roundFields(value, at);
  return { ...fields, chosen: fields.chosen, snapshot: { now, candidates } };
};

const decision = objectOf<RecordedDecision & { readonly version: 1 }>({
  version: (value, at) => {
    if (value === 1) return value;
    throw new WrongShape(at, '1, the one version there is');
  },
  requestId: anyText,
  model: anyText,
  rounds: listOf(round, maxEntries),
  attempts: listOf(
    objectOf<DecisionAttempt>({
      backend: anyText,
      outcome: anyText,
      afterMs: notNegative,
      dropped: optional(texts),
    }),
    maxEntries,
  ),
  end: optional(
    objectOf<DecisionEnd>({
      outcome: oneOf('done', 'failed', 'broken', 'canceled', 'refused', 'planned'),
      code: anyText,
      queueMs: notNegative,
      firstContentMs: optional(notNegative),
      durationMs: notNegative,
      inputTokens: optional(notNegative),
      outputTokens: optional(notNegative),
      cachedInputTokens: optional(notNegative),
    }),
  ),
});

/** Reads a decision, or a log line that holds one; a text says why it is none. */
export const readDecision = (value: Json | undefined): RecordedDecision | string => {
  try {
    return decision(asObject(value)?.decision ?? value, '');
  } catch (error) {
    if (error instanceof WrongShape) return error.message;
    throw error;
  }
};
