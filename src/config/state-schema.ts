/** Where instances share what they learn, in the configuration file. Imports `zod`. */

import { z } from 'zod';
import { defaults } from './defaults.ts';
import { name, token } from './scalars.ts';

const address = z.string().max(1_000);

/** Redis, Valkey or another Pointsman; whether it fits the driver is checked with the other keys. */
const storeUrl = address.regex(
  /^(?:rediss?(?:\+cluster)?|https?):\/\/[^\s/]+/,
  'must be redis://, rediss://, redis+cluster://, rediss+cluster:// or http(s):// with a host',
);

/** Which store, and who this instance is there. */
export const stateSchema = z.strictObject({
  driver: z
    .enum(['memory', 'fs', 'redis', 'http'])
    .default(defaults.state.driver)
    .describe('What keeps it: memory is this instance alone, or those that use its /state.'),
  url: storeUrl
    .optional()
    .describe(
      "For redis the server or redis+cluster:// with all nodes; for http another Pointsman's /state.",
    ),
  path: z.string().min(1).max(1_000).optional().describe('For fs: the folder that all instances use.'),
  ca: z
    .string()
    .max(200_000)
    .regex(/^\s*-----BEGIN CERTIFICATE-----/, 'must be in PEM, which begins with -----BEGIN CERTIFICATE-----')
    .optional()
    .describe('For redis behind TLS: who signed its certificate, in PEM; absent: whoever the system trusts.'),
  key: token.min(8).max(256).optional().describe('For http: a key of scope cluster of that Pointsman.'),
  secret: token
    .min(16)
    .max(256)
    .optional()
    .describe(
      'Signs what is shared; the same in all instances. Absent: whoever can write there is believed.',
    ),
  instance: name.optional().describe('What this instance calls itself; absent: another name at each start.'),
  advertise: z
    .string()
    .regex(/^https?:\/\/[^\s@/?#]+$/, 'must be http(s)://host:port')
    .optional()
    .describe('Where other instances reach this one as a peer, if they find peers by themselves.'),
  findPeers: z
    .boolean()
    .default(defaults.state.findPeers)
    .describe('Whether instances that advertise themselves become backends of this one; needs state.secret.'),
  peerKey: token.min(8).max(256).optional().describe('The API key that is shown to peers found so.'),
});
