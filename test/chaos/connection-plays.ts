/** Hosts that refuse, reset, end or fall silent, at every moment of a request. */

import type { Dialect, Wire } from '../runtimes/dialects.ts';
import { ollama } from '../runtimes/dialects.ts';
import type { Call } from '../runtimes/scripted-engine.ts';
import { type Scene, timers } from './cell.ts';
import type { Fault, Form } from './matrix.ts';
import type { Play } from './play.ts';

const both: readonly Form[] = ['stream', 'whole'];
const stream: readonly Form[] = ['stream'];
const whole: readonly Form[] = ['whole'];

/** A host may be set aside for what it holds in memory only where it tells. */
const native: readonly Dialect[] = [ollama];

/** More than a connection takes before its other end reads. */
const largePrompt: Wire = { messages: [{ role: 'user', content: 'a long prompt '.repeat(100_000) }] };

/** Bytes in flight are lost to a reset, so the host lets them arrive first. */
const arriveMs = 20;

const soon = (run: () => void): void => void setTimeout(run, arriveMs);

/** Headers, and in a stream what stands before content. */
const open = (call: Call, { dialect, form }: Scene): void => {
  call.begin(form === 'stream' ? dialect.streamType : dialect.wholeType);
  if (form === 'stream') call.write(dialect.prelude);
};

/** Half of a whole answer whose length was told. */
const half = (call: Call): void => {
  call.socket.write('HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"a":');
};

interface Ending {
  readonly fault: Fault;
  readonly by: 'reset' | 'finish';
}

const endings: readonly Ending[] = [
  { fault: 'reset', by: 'reset' },
  { fault: 'early end', by: 'finish' },
];

const ended = ({ fault, by }: Ending): readonly Play[] => [
  {
    fault,
    phase: 'connecting',
    forms: both,
    how: 'every connection ends as it begins',
    before: ({ first }) => first.turnAway(by),
    reached: 0,
  },
  {
    fault,
    phase: 'sending',
    forms: both,
    how: 'the head came, the body not',
    more: largePrompt,
    before: (scene) =>
      scene.onHead(({ socket }) => (by === 'reset' ? socket.resetAndDestroy() : socket.destroy())),
  },
  { fault, phase: 'waiting', forms: both, how: 'before headers', strike: (call) => call.cut(by) },
  {
    fault,
    phase: 'loading',
    forms: both,
    how: 'before headers',
    dialects: native,
    strike: (call) => call.cut(by),
  },
  {
    fault,
    phase: 'opened',
    forms: both,
    how: 'after headers',
    strike: (call, scene) => {
      open(call, scene);
      soon(() => call.cut(by));
    },
  },
  ...[1, 50, 1000].map(
    (tokens): Play => ({
      fault,
      phase: 'streaming',
      forms: stream,
      how: `after ${tokens} tokens`,
      tokens,
      strike: (call) => call.cut(by),
    }),
  ),
  {
    fault,
    phase: 'streaming',
    forms: whole,
    how: 'half a body',
    strike: (call) => {
      half(call);
      soon(() => call.cut(by));
    },
  },
  {
    fault,
    phase: 'ended',
    forms: stream,
    how: 'after the last event, before the end of the body',
    strike: (call, { dialect }) => {
      call.write(dialect.end);
      soon(() => call.cut(by));
    },
  },
  {
    fault,
    phase: 'ended',
    forms: whole,
    how: 'after the whole body',
    strike: (call, { dialect }) => {
      call.whole(dialect.whole('whole'));
      soon(() => call.cut(by));
    },
  },
];

const { headersMs, firstContentMs, betweenChunksMs, probeTimeoutMs, lingerMs } = timers;

const hangs: readonly Play[] = [
  {
    fault: 'hang',
    phase: 'sending',
    forms: both,
    how: 'the host stops reading',
    more: largePrompt,
    before: (scene) => scene.onHead(({ socket }) => void socket.pause()),
    afterMs: firstContentMs,
  },
  {
    fault: 'hang',
    phase: 'waiting',
    forms: both,
    how: 'no headers, though the host lives',
    strike: () => undefined,
    afterMs: firstContentMs,
  },
  {
    fault: 'hang',
    phase: 'waiting',
    forms: both,
    how: 'the host has stopped',
    before: ({ first }) => first.fallSilent(),
    afterMs: headersMs + probeTimeoutMs,
  },
  {
    fault: 'hang',
    phase: 'loading',
    forms: both,
    how: 'a load that does not end',
    dialects: native,
    strike: () => undefined,
    afterMs: firstContentMs,
  },
  {
    fault: 'hang',
    phase: 'opened',
    forms: both,
    how: 'after headers',
    strike: open,
    afterMs: firstContentMs,
  },
  {
    fault: 'hang',
    phase: 'streaming',
    forms: stream,
    how: 'after a token',
    strike: () => undefined,
    afterMs: betweenChunksMs,
  },
  {
    fault: 'hang',
    phase: 'streaming',
    forms: stream,
    how: 'inside a line',
    strike: (call, { dialect }) => call.write(dialect.text('never').slice(0, 20)),
    afterMs: betweenChunksMs,
  },
  {
    fault: 'hang',
    phase: 'streaming',
    forms: whole,
    how: 'half a body',
    strike: half,
    afterMs: firstContentMs,
  },
  {
    fault: 'hang',
    phase: 'ended',
    forms: stream,
    how: 'after the last event',
    strike: (call, { dialect }) => call.write(dialect.end),
    afterMs: lingerMs,
  },
];

/** All of them; what is one of a kind stands with the cells that need more than one request. */
export const connectionPlays: readonly Play[] = [
  {
    fault: 'refused',
    phase: 'connecting',
    forms: both,
    how: 'nobody listens any more',
    before: ({ first }) => first.close(),
    reached: 0,
  },
  ...endings.flatMap(ended),
  {
    fault: 'reset',
    phase: 'waiting',
    forms: both,
    how: 'the process ends, and nobody listens any more',
    strike: (_, { first }) => void first.close(),
  },
  ...hangs,
];
