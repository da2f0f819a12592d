/** What Pointsman adds to an SSE stream beside the answer. May import spec and wire. */

import { encodeSseComment } from '../../wire/sse.ts';

export { annotate } from '../comment-note.ts';

/** A comment, which every client of this dialect skips. */
export const heartbeat = (): Uint8Array => encodeSseComment('ping');
