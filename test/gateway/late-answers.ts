/** Answers that come late or not at all, for tests of what is done meanwhile. */

import { type Bench, ollamaLines, streamOf } from './scripted.ts';

/** It never answers. */
export const never = (): Promise<Response> => new Promise(() => undefined);
/** It answers at once. */
export const good = () => new Response(streamOf(ollamaLines.text('hello'), ollamaLines.done));

/** It answers after a time. */
export const later =
  ({ clock }: Bench, delayMs: number, answer: () => Response) =>
  (): Promise<Response> =>
    new Promise((resolve) => void clock.after(delayMs, () => resolve(answer())));

/** A whole answer, for which the clock is moved on. */
export const readAll = async ({ clock }: Bench, response: Response): Promise<string> =>
  clock.until(response.text());
