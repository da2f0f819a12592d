/** The modes of operation: which hosts may be used at all, whatever the policy. Pure; imports spec. */

import type { Mode } from '../spec/vocabulary.ts';
import { chosenName } from './chosen-name.ts';

/** What each mode leaves out, in one line for listings. `filters/within-mode.ts` and `within-zone.ts` do it. */
export const modes: Readonly<Record<Mode, { readonly summary: string }>> = {
  /** Nothing is out. */
  hybrid: { summary: 'every backend may be used' },
  /** Out is all but one backend: of those that have the model, the first by priority, lane and order, up or not. */
  single: { summary: 'only the first backend that has the model, whether it is up or not' },
  /**
   * Out is the lane of the first backend, or its priority where all share a lane. The emergency switch: nothing new is
   * sent to the primary lane, what runs there goes on.
   */
  fallback_only: { summary: 'the primary lane is taken out, nothing new is sent there' },
  /** Out is what lies in the cloud, for every request. */
  local_only: { summary: 'nothing leaves for the cloud' },
};

/** The names configuration, the API and the command line take, in the order they are shown. */
export const modeNames = Object.keys(modes) as readonly Mode[];

/** The mode of that name; throws `invalid_request` with the names there are. */
export const parseMode = (text: string): Mode => chosenName(text, modeNames, 'mode');
