/** What providers of OpenAI's dialect share: they are looked at seldom, and one that refuses a key is alive. */

import type { ModelCard } from '../../spec/model-card.ts';
import type { BackendOptions } from '../../spec/settings.ts';
import type { Millis } from '../../spec/vocabulary.ts';
import type { Ask } from './ask.ts';
import { UnexpectedReply } from './unexpected-reply.ts';

/** Its models change within weeks, and traffic notices an outage before any look does. */
export const providerLookMs: Millis = 300_000;

/** As many as a small office has at once: the provider's limits are met one by one, and keys rotate. */
export const providerSlots = 32;

const aliveStatuses: readonly number[] = [200, 401, 403, 429];

/** Any answer of the API's own shows that the provider is there. */
export const providerAlive = async (ask: Ask, path: string): Promise<void> => {
  const { status } = await ask.reply(path);
  if (!aliveStatuses.includes(status)) throw new UnexpectedReply(`answered ${status}`, status);
};

/** Keys may be good for models and not for listings, and some servers have none: then what is declared has to do. */
export const listedOrDeclared = async (
  list: () => Promise<readonly ModelCard[]>,
  { models = [] }: BackendOptions,
): Promise<readonly ModelCard[]> => {
  try {
    return await list();
  } catch (error) {
    const isUnlisted = error instanceof UnexpectedReply && [403, 404, 405].includes(error.status ?? 0);
    if (isUnlisted && models.length > 0) return [];
    throw error;
  }
};
