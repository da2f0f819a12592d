/** What one of the ways to run Pointsman cannot do, each with its reason; the suite asserts that every gap is still there. */

import type { TargetName } from './runtimes/target.ts';

export interface KnownGap {
  readonly target: TargetName;
  /** The sentence of the case. */
  readonly case: string;
  readonly reason: string;
}

const unseenOnDeno =
  'before an answer begins Deno tells of a client that left only where its request came in one piece of half a kilobyte';

export const knownGaps: readonly KnownGap[] = [
  ...['stream', 'whole'].flatMap((form) =>
    ['Ollama', 'OpenAI'].flatMap((dialect): readonly KnownGap[] => [
      {
        target: 'deno',
        case: `client gone, sending, ${form}, ${dialect}: while the host takes no more of the body`,
        reason: unseenOnDeno,
      },
      {
        target: 'deno',
        case: `client gone, waiting, ${form}, ${dialect}: before headers, with a prompt of some kilobytes`,
        reason: unseenOnDeno,
      },
    ]),
  ),
  {
    target: 'node',
    case: 'leaving while a host takes no connection gives up the attempt to connect',
    reason:
      'undici finishes a connection it has begun, or gives it up after ten seconds; nothing is sent over it',
  },
];
