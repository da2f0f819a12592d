/** Takes what callers say of their answers, and what their asking again says; hands it to whoever keeps it. Shell state. */

import { turnsOf } from '../core/analysis/analyse.ts';
import { createServedMemory, entryOf, type FeedbackEntry, noteServedRequest } from '../core/auto/feedback.ts';
import { currentModel, partsOfTurns, readingName } from '../core/complexity/complexity.ts';
import { hashText } from '../core/hash.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Clock } from '../spec/ports.ts';
import type { Lease } from './lease.ts';
import { readableParts } from './long-texts.ts';
import type { Resolved } from './stages.ts';

/** Where entries go; absent: nothing is kept. */
export interface FeedbackLog {
  readonly prompts: boolean;
  write(entry: FeedbackEntry): void;
}

export interface Feedback {
  /** A request that left its model open was served. */
  served(resolved: Resolved, lease: Lease): void;
  /** Throws `not_found` for a request that is not remembered, or was another key's. */
  take(requestId: string, score: number, principal: string): FeedbackEntry;
}

const keptCharacters = 20_000;

/** `log` is asked each time, since configuration may change. */
export const createFeedback = (clock: Clock, log: () => FeedbackLog | undefined): Feedback => {
  const memory = createServedMemory();
  return {
    served: ({ ask, body, received, large }, { candidate }) => {
      const kept = log();
      const { auto } = ask;
      if (kept === undefined || auto === undefined) return;
      const { parts } = readableParts(received.protocol.prompt(body), large);
      const turns = turnsOf(parts);
      const model = currentModel();
      const text = parts.map(({ role, text: words }) => `${role}\n${words}`).join('\n');
      const own = parts.filter(({ role }) => role === 'user' || role === 'prompt');
      const again = noteServedRequest(memory, {
        requestId: received.requestId,
        principal: received.principal.name,
        servedAtUnixMs: clock.wallMs(),
        promptHash: hashText(text),
        turns: own.length,
        group: auto.group,
        model: candidate.name ?? candidate.upstream,
        tier: candidate.tier ?? 0,
        tiers: auto.tiers.length,
        task: auto.analysis.task.value,
        complexity: auto.analysis.complexity.value,
        parts: partsOfTurns(turns, model),
        weights: readingName(model),
        ...(kept.prompts ? { prompt: (turns[0] ?? '').slice(0, keptCharacters) } : {}),
      });
      if (again !== undefined) kept.write(again);
    },
    take: (requestId, score, principal) => {
      const kept = log();
      if (kept === undefined) {
        throw new GatewayError(
          'not_found',
          'no feedback is kept here: auto.feedback.path in the configuration names a file for it',
        );
      }
      const served = memory.byId.get(requestId);
      if (served === undefined || served.principal !== principal) {
        throw new GatewayError('not_found', 'no request of that id is remembered that left its model open', {
          param: 'request_id',
        });
      }
      const entry = entryOf(served, 'feedback', score, clock.wallMs());
      kept.write(entry);
      return entry;
    },
  };
};
