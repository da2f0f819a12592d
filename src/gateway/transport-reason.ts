/** Why a call to a host failed, in words without an address. */

import { classifyTransport } from '../core/outcome.ts';

/** Probes throw their own sentences (a bad status, a wrong shape) or whatever the runtime's fetch throws. */
export const transportReason = (error: unknown): string =>
  error instanceof Error && error.name === 'UnexpectedReply' ? error.message : classifyTransport(error).text;
