/** What Pointsman adds to a stream of this dialect beside the answer. May import spec and wire. */

import { encodeSse } from '../../wire/sse.ts';

export { annotate } from '../comment-note.ts';

/** The dialect's own sign of life, which may come before everything else. */
export const heartbeat = (): Uint8Array => encodeSse('{"type":"ping"}', 'ping');
