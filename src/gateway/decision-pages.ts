/** Decisions as they are told to whoever asks: worked out then, and not before. */

import { type DecisionRecord, decisionOf } from '../core/decision.ts';
import type { DecisionRing } from '../core/decision-ring.ts';
import { modeNames, modes } from '../core/mode.ts';
import type { Decision, DecisionEnd } from '../spec/decision.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { BackendId, Mode } from '../spec/vocabulary.ts';

/** One decision in a list. */
export interface DecisionSummary {
  readonly requestId: string;
  readonly atUnixMs: number;
  readonly principal: string;
  readonly model: string;
  /** Where it went last; absent where it was sent nowhere. */
  readonly backend?: BackendId | undefined;
  /** Calls to hosts that are over. */
  readonly attempts: number;
  readonly why: string;
  /** Absent while it runs. */
  readonly end?: DecisionEnd | undefined;
}

const summaryOf = ({
  requestId,
  atUnixMs,
  principal,
  model,
  rounds,
  attempts,
  end,
}: DecisionRecord): DecisionSummary => {
  const last = rounds.at(-1);
  const why = last?.plan.why ?? '';
  return {
    requestId,
    atUnixMs,
    principal,
    model,
    backend: last?.chosen,
    attempts: attempts.length,
    why,
    end,
  };
};

/** The last decisions, newest first. */
export const recentDecisions = (ring: DecisionRing, limit: number): readonly DecisionSummary[] =>
  ring.newest(limit).map(summaryOf);

/** All of one decision. */
export const wholeDecision = (record: DecisionRecord): Decision => decisionOf(record);

/** The record of one request; throws `not_found` where it is not kept, or is not for this reader to see. */
export const keptDecision = (
  ring: DecisionRing,
  requestId: string,
  maySee: (record: DecisionRecord) => boolean,
): DecisionRecord => {
  const record = ring.get(requestId);
  if (record !== undefined && maySee(record)) return record;
  throw new GatewayError(
    'not_found',
    'no decision is kept for a request of that id: only the last ones are, as many as decisions.keep says',
  );
};

/** The modes there are, in the order they are shown. */
export const modeListing: readonly { readonly name: Mode; readonly summary: string }[] = modeNames.map(
  (name) => ({ name, summary: modes[name].summary }),
);
