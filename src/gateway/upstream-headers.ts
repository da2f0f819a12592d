/** The headers of a request to a host. Shell. */

import { staysLocal, zoneHeader } from '../core/local-only.ts';
import { sessionHeaders } from '../core/session-key.ts';
import { strictHeader } from '../core/strict.ts';
import { forwardRequestHeaders } from '../wire/headers.ts';
import type { Host } from './host.ts';
import { hopsHeader, hopsOf } from './peer-load.ts';
import { intentHeader } from './resolve.ts';
import type { Resolved } from './stages.ts';

/** The number of an attempt in a chain of Pointsmen: who receives one leaves retries to whoever sent it. */
export const attemptHeader = 'x-pointsman-attempt';

/** What binds a request binds it behind the next Pointsman too; the first of a chain does the retries. */
const toldPeers = ({ received, ask, strict }: Resolved): Readonly<Record<string, string>> => {
  const told: Record<string, string> = {
    [attemptHeader]: '1',
    [hopsHeader]: String(hopsOf(received.headers.get(hopsHeader)) + 1),
    [intentHeader]: ask.intent,
  };
  if (staysLocal(ask)) told[zoneHeader] = 'local';
  if (strict) told[strictHeader] = 'true';
  for (const name of sessionHeaders) {
    const value = received.headers.get(name);
    if (value !== null) told[name] = value;
  }
  return told;
};

const versionHeader = 'anthropic-version';

/** Few of the caller's, and the backend's own. */
export const headersFor = (host: Host, resolved: Resolved): Readonly<Record<string, string>> => {
  const { received } = resolved;
  const headers = forwardRequestHeaders(received.headers, host.speaks);
  if (host.backend.isPeer === true) Object.assign(headers, toldPeers(resolved));
  const { headers: own } = host.backend;
  for (const name in own) headers[name] = own[name] ?? '';
  // The version a caller speaks is the version its bytes are in.
  const version = versionHeader in own ? received.headers.get(versionHeader) : null;
  if (version !== null) headers[versionHeader] = version;
  headers['x-request-id'] = received.requestId;
  return headers;
};
