/** Gemini's answers in one piece. May import spec and wire. */

import type { ChatEvent, FinishReason } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import type { Json, JsonObject } from '../../spec/json.ts';
import type { Usage } from '../../spec/usage.ts';
import { parseJson } from '../../wire/json.ts';
import type { Stamp } from '../protocol.ts';
import { createAnswerReader, endAnswer, readAnswer } from './decoder.ts';
import { writeLogprobs } from './logprobs.ts';
import { createPartsWriter } from './parts-writer.ts';
import { writeFinishReason, writeUsage } from './schema.ts';

interface Candidate {
  readonly parts: Json[];
  readonly logprobs: Json[];
  reason: FinishReason;
}

/** The parts stand in the order they were said in; pieces of one text are one part. */
export const whole = {
  decode: (body: JsonObject): readonly ChatEvent[] => {
    const events: ChatEvent[] = [];
    const reader = createAnswerReader();
    readAnswer(reader, body, events);
    endAnswer(reader, events);
    return events;
  },

  encode: (events: readonly ChatEvent[], request: ChatRequest, stamp: Stamp): JsonObject => {
    const writer = createPartsWriter(request, stamp);
    const candidates: Candidate[] = [emptyCandidate()];
    let usage: Usage | undefined;

    const candidateAt = (index: number): Candidate => {
      for (;;) {
        const candidate = candidates[index];
        if (candidate !== undefined) return candidate;
        candidates.push(emptyCandidate());
      }
    };

    for (const event of joined(events)) {
      const candidate = candidateAt('choice' in event ? (event.choice ?? 0) : 0);
      const part = writer.part(event);
      if (part !== '') candidate.parts.push(parseJson(part));
      if (event.type === 'text-delta') candidate.logprobs.push(...(event.logprobs ?? []));
      else if (event.type === 'finish') {
        candidate.reason = event.reason;
        if (candidate === candidates[0]) candidate.parts.push(...writer.rest(event.reason).map(parseJson));
      } else if (event.type === 'usage') usage = event.usage;
    }
    return {
      candidates: candidates.map(writeCandidate),
      ...(usage === undefined ? {} : { usageMetadata: writeUsage(usage) }),
      modelVersion: request.model,
      responseId: stamp.id,
    };
  },
};

const emptyCandidate = (): Candidate => ({ parts: [], logprobs: [], reason: 'stop' });

const writeCandidate = ({ parts, logprobs, reason }: Candidate, index: number): JsonObject => ({
  content: { role: 'model', parts: parts.length === 0 ? [{ text: '' }] : parts },
  finishReason: writeFinishReason(reason),
  index,
  ...(logprobs.length === 0 ? {} : { logprobsResult: writeLogprobs(logprobs) }),
});

/** Neighbours that are pieces of one text or one thought become one event. */
const joined = (events: readonly ChatEvent[]): readonly ChatEvent[] => {
  const found: ChatEvent[] = [];
  for (const event of events) {
    const last = found[found.length - 1];
    if (event.type === 'text-delta' && last?.type === 'text-delta' && last.choice === event.choice) {
      const logprobs =
        last.logprobs === undefined && event.logprobs === undefined
          ? undefined
          : [...(last.logprobs ?? []), ...(event.logprobs ?? [])];
      found[found.length - 1] = { ...last, text: last.text + event.text, logprobs };
    } else if (
      event.type === 'reasoning-delta' &&
      last?.type === 'reasoning-delta' &&
      last.choice === event.choice
    ) {
      found[found.length - 1] = { ...last, text: last.text + event.text };
    } else found.push(event);
  }
  return found;
};
