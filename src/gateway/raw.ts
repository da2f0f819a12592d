/** The path of a request whose body passes as it is: read as far as the model's name, placed, sent on, answered. Shell. */

import type { DecisionRecord } from '../core/decision.ts';
import type { DecisionRing } from '../core/decision-ring.ts';
import type { GatewayError } from '../spec/gateway-error.ts';
import type { Nursery } from './departure.ts';
import { type DispatchDeps, dispatchWith } from './dispatch.ts';
import { internalError } from './internal-error.ts';
import { answerRaw } from './raw-answer.ts';
import { rawOpener } from './raw-attempt.ts';
import {
  parsedRaw,
  type RawBody,
  type RawLimits,
  type RawReceived,
  type RawSource,
  readRawBody,
} from './raw-body.ts';
import { draining } from './refusals.ts';
import { errorReply, factsOf, noFacts } from './reply.ts';
import { type ResolveDeps, resolve } from './resolve.ts';
import { type Account, type Books, openAccount } from './settle.ts';
import type { Parsed } from './stages.ts';
import type { StoredResponses } from './stored-responses.ts';

/** What it shares with the path of all other requests. */
export interface RawDeps {
  readonly lookAfter: Nursery;
  readonly books: Books;
  readonly resolving: ResolveDeps;
  readonly deps: DispatchDeps;
  readonly decisions: DecisionRing;
  readonly isEarly: (parsed: Parsed) => boolean;
  readonly recordOf: (parsed: Parsed) => DecisionRecord;
  readonly stored: StoredResponses;
  readonly refuse: (error: unknown, account: Account) => GatewayError;
}

/** Never rejects: whatever goes wrong is an answer in the caller's dialect. */
export const createRawHandler = ({
  lookAfter,
  books,
  resolving,
  deps,
  decisions,
  isEarly,
  recordOf,
  refuse,
  stored,
}: RawDeps) => {
  const { active, report } = books;
  return async (received: RawReceived, source: Promise<RawSource>, limits: RawLimits): Promise<Response> => {
    let body: RawBody;
    try {
      body = await readRawBody(await source, received.raw, limits);
    } catch (error) {
      return errorReply(internalError(error, received.requestId, report), received, noFacts);
    }
    lookAfter(received.departure);
    const isDraining = active.draining();
    const account = openAccount(received, books);
    try {
      if (isDraining) throw draining();
      const parsed = parsedRaw(received, body);
      account.parsed = parsed;
      if (isEarly(parsed)) await deps.discovery.settled();
      const resolved = resolve(parsed, resolving);
      account.record = recordOf(parsed);
      decisions.add(account.record);
      const opened = await dispatchWith(rawOpener(body), resolved, account, deps);
      return answerRaw(opened, { resolved, account, books, deps, stored });
    } catch (error) {
      body.cancel();
      const told = refuse(error, account);
      return errorReply(told, received, factsOf(account, [], 0));
    }
  };
};
