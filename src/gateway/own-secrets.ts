/** Takes out of an engine's words what was sent to it in confidence: no pattern knows a key that somebody made up. */

import type { BackendOptions } from '../spec/settings.ts';
import type { Failure } from './failure.ts';
import { keysOf } from './host-keys.ts';

/** What is shorter would be found in any sentence. */
const leastCharacters = 4;

/** The failure with key, configured header values and address of its backend replaced in its message. */
export const withoutOwnSecrets = (failure: Failure, options: BackendOptions): Failure => {
  const { headers = {}, url } = options;
  const secrets = [...keysOf(options), ...Object.values(headers), url, url.replace(/^[a-z]+:\/\//, '')];
  let { message } = failure;
  for (const secret of secrets)
    if (secret.length >= leastCharacters) message = message.replaceAll(secret, '…');
  return message === failure.message ? failure : { ...failure, message };
};
