/** Whether a request must stay local: one mark is enough, whoever set it, and none can be taken back. Imports spec. */

import type { ModelSettings } from '../spec/settings.ts';
import type { Ask } from './candidate.ts';
import { chosenName } from './chosen-name.ts';

/** The header a request marks itself with. */
export const zoneHeader = 'x-pointsman-zone';

/** Only the closer zone can be asked for: a request cannot lift what its key or its model is bound to. */
const zoneNames = ['local'] as const;

/** All that can bind a request to the local zone. */
export interface LocalFacts {
  /** The header, as sent. */
  readonly header: string | null | undefined;
  /** The caller's key. */
  readonly key: { readonly localOnly?: boolean | undefined };
  /** Everything that is configured for the model, under whatever name. */
  readonly models: readonly ModelSettings[];
}

/**
 * Whether any of the three marks it. Throws `invalid_request` for another word than `local`: to pass over a mark that
 * was misspelt would send a prompt where it must not go.
 */
export const isLocalOnly = ({ header, key, models }: LocalFacts): boolean => {
  if (header != null) return chosenName(header, zoneNames, zoneHeader) === 'local';
  return key.localOnly === true || models.some(({ localOnly }) => localOnly);
};

/** Whether nothing of the request may reach a cloud backend, be it for its own mark or for the mode. */
export const staysLocal = ({ localOnly, mode }: Pick<Ask, 'localOnly' | 'mode'>): boolean =>
  localOnly || mode === 'local_only';
