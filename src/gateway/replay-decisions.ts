/** Replays a file of recorded decisions under other settings. No I/O: text in, a report out. */

import { type RecordedDecision, readDecision } from '../core/read-decision.ts';
import { type Replay, replay } from '../core/replay.ts';
import { asObject, type Json } from '../spec/json.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import { InvalidJson, parseJson } from '../wire/json.ts';

/** A line that holds no decision, counted from 1, and why. */
export interface BadLine {
  readonly line: number;
  readonly problem: string;
}

export interface ReplayReport extends Replay {
  readonly policy: string;
  readonly badLines: readonly BadLine[];
}

const parsed = (text: string): Json | InvalidJson => {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof InvalidJson) return error;
    throw error;
  }
};

/** A log holds lines of other events as well. */
const isOtherEvent = (value: Json): boolean => {
  const type = asObject(value)?.type;
  return typeof type === 'string' && type !== 'decision';
};

/** Replays every line that can be read, in order, and names those that cannot. */
export const replayDecisions = (text: string, settings: GatewaySettings): ReplayReport => {
  const decisions: RecordedDecision[] = [];
  const badLines: BadLine[] = [];
  for (const [index, line] of text.split('\n').entries()) {
    if (line.trim() === '') continue;
    const value = parsed(line);
    if (value instanceof InvalidJson) {
      badLines.push({ line: index + 1, problem: `is not JSON: ${value.message}` });
      continue;
    }
    if (isOtherEvent(value)) continue;
    const decision = readDecision(value);
    if (typeof decision === 'string') badLines.push({ line: index + 1, problem: decision });
    else decisions.push(decision);
  }
  return { policy: settings.strategy, badLines, ...replay(decisions, settings) };
};
