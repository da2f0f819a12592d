/** An error nobody foresaw: reported by name and place, told to the client without either. */

import { GatewayError } from '../spec/gateway-error.ts';
import type { Report } from '../telemetry/events.ts';

/** Passes what is known, and reports what is not; its message stays out, since it may quote a body or an address. */
export const internalError = (error: unknown, requestId: string, report: Report): GatewayError => {
  if (error instanceof GatewayError) return error;
  const name =
    error instanceof Error ? `${error.name}: ${error.stack?.split('\n')[1]?.trim() ?? ''}` : typeof error;
  report({ type: 'internal-error', requestId, name });
  return new GatewayError('internal', 'an internal error occurred');
};
