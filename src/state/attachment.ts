/** Whether the store answers: calls are given up after a while, and after three failures it is left alone for one. */

import type { Clock, Random } from '../spec/ports.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { failureWords } from './failure-words.ts';
import { StoreProblem } from './store-problem.ts';

/** How it stands with the store. */
export interface Attachment {
  readonly state: 'attached' | 'detached' | 'starting';
  /** Failures in all. */
  readonly failures: number;
  /** In words without an address. */
  readonly reason: string | undefined;
}

export interface AttachmentLoop {
  /** Runs a call on the store within its time. */
  within<Answer>(call: () => Promise<Answer>): Promise<Answer>;
  succeeded(): void;
  failed(error: unknown): void;
  mayTry(now: Millis): boolean;
  isAttached(): boolean;
  now(): Attachment;
}

interface AttachmentDeps {
  readonly clock: Clock;
  readonly random: Random;
  readonly said: (news: { what: 'attached' | 'detached'; reason: string | undefined }) => void;
}

const callTimeoutMs: Millis = 250;
const failuresUntilDetached = 3;
const retryMs: Millis = 2_000;
/** Calls that did not come back: a store that swallows them is given no more. */
const mostPending = 8;
/** After this nothing comes back any more. */
const lostMs: Millis = 30_000;

const late = new StoreProblem('no answer in time');

/** Nothing was tried yet. */
export const createAttachment = ({ clock, random, said }: AttachmentDeps): AttachmentLoop => {
  let state: Attachment['state'] = 'starting';
  let inRow = 0;
  let failures = 0;
  let reason: string | undefined;
  let retryAt = -Infinity;
  let pending = 0;

  return {
    within: (call) =>
      new Promise((resolve, reject) => {
        if (pending >= mostPending) {
          reject(late);
          return;
        }
        pending += 1;
        let cancelLost = (): void => undefined;
        const cancel = clock.after(callTimeoutMs, () => {
          cancelLost = clock.after(lostMs, () => {
            pending -= 1;
            end = () => undefined;
          });
          reject(late);
        });
        let end = (): void => {
          pending -= 1;
          cancel();
          cancelLost();
        };
        call().then(
          (answer) => {
            end();
            resolve(answer);
          },
          (error: unknown) => {
            end();
            reject(error);
          },
        );
      }),
    succeeded: () => {
      inRow = 0;
      if (state === 'attached') return;
      const isBack = state === 'detached';
      state = 'attached';
      reason = undefined;
      said({ what: 'attached', reason: isBack ? 'the store answers again' : undefined });
    },
    failed: (error) => {
      inRow += 1;
      failures += 1;
      reason = failureWords(error);
      if (inRow < failuresUntilDetached) return;
      retryAt = clock.now() + retryMs * (0.75 + 0.5 * random());
      if (state === 'detached') return;
      state = 'detached';
      said({ what: 'detached', reason });
    },
    mayTry: (now) => now >= retryAt,
    isAttached: () => state === 'attached',
    now: () => ({ state, failures, reason }),
  };
};
