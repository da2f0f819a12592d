/** Hosts that answer, and answer wrong: errors, pages, redirects, and bytes that are no answer. */

import { type Dialect, ollama, openAi } from '../runtimes/dialects.ts';
import type { Call } from '../runtimes/scripted-engine.ts';
import type { Scene } from './cell.ts';
import type { Form } from './matrix.ts';
import type { Play } from './play.ts';

const both: readonly Form[] = ['stream', 'whole'];
const stream: readonly Form[] = ['stream'];
const whole: readonly Form[] = ['whole'];
const native: readonly Dialect[] = [ollama];
const compatible: readonly Dialect[] = [openAi];

const crashed = 'llama runner process has terminated: exit status 2';

const inside =
  (message: string) =>
  (call: Call, { dialect, form }: Scene): void => {
    if (form === 'whole') {
      call.whole({ error: dialect === ollama ? message : { message } });
      return;
    }
    call.begin(dialect.streamType);
    call.write(dialect.error(message));
    call.end();
  };

const errorsInside: readonly Play[] = [
  { fault: 'error inside', phase: 'opened', forms: both, how: 'in a 200', strike: inside(crashed) },
  {
    fault: 'error inside',
    phase: 'loading',
    forms: both,
    how: 'in a 200',
    dialects: native,
    strike: inside('error loading model: no such tensor'),
  },
  {
    fault: 'error inside',
    phase: 'streaming',
    forms: stream,
    how: 'after a token',
    strike: (call, { dialect }) => {
      call.write(dialect.error(crashed));
      call.end();
    },
  },
  {
    fault: 'error inside',
    phase: 'streaming',
    forms: whole,
    how: 'behind a first part of the body',
    strike: (call) => {
      call.begin('application/json');
      call.write('{"error":');
      call.write(JSON.stringify({ message: crashed }));
      call.write('}');
      call.end();
    },
  },
];

const page = '<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>';

const serverErrors: readonly Play[] = [500, 502, 503, 504].flatMap((status): readonly Play[] => {
  const strike = (call: Call): void =>
    status === 502
      ? call.whole(page, status, { 'content-type': 'text/html' })
      : call.whole({ error: 'boom' }, status);
  const how = `status ${status}`;
  return [
    { fault: 'server error', phase: 'waiting', forms: both, how, strike },
    { fault: 'server error', phase: 'loading', forms: both, how, dialects: native, strike },
  ];
});

const callerAtFault: readonly Play[] = (
  [
    [400, 'invalid options'],
    [413, 'too large'],
    [422, 'cannot be done'],
    [400, 'request (5000 tokens) exceeds the available context size (4096 tokens)'],
  ] as const
).map(
  ([status, message]): Play => ({
    fault: 'caller at fault',
    phase: 'waiting',
    forms: both,
    how: `status ${status}, ${message.slice(0, 20)}`,
    strike: (call) => call.whole({ error: message }, status),
    told: { status, message },
  }),
);

const redirects: readonly Play[] = [301, 302, 307, 308].map(
  (status): Play => ({
    fault: 'redirect',
    phase: 'waiting',
    forms: both,
    how: `status ${status}`,
    strike: (call) => call.whole('', status, { location: '/elsewhere' }),
  }),
);

/** Beyond what a line or an event may hold. */
const tooLarge = 'x'.repeat(9 * 1024 * 1024);

/** Cuts between any two bytes, through characters and line ends. */
const inPieces = (text: string, sizeBytes: number): readonly Uint8Array[] => {
  const bytes = Buffer.from(text);
  return Array.from({ length: Math.ceil(bytes.length / sizeBytes) }, (_, index) =>
    bytes.subarray(index * sizeBytes, (index + 1) * sizeBytes),
  );
};

const malformed: readonly Play[] = [
  {
    fault: 'malformed',
    phase: 'opened',
    forms: stream,
    how: 'a line that is no JSON',
    strike: (call, { dialect }) => {
      call.begin(dialect.streamType);
      call.write(dialect === ollama ? '{"message":\n' : 'data: {"choices":\n\n');
      call.end();
    },
  },
  {
    fault: 'malformed',
    phase: 'opened',
    forms: stream,
    how: 'a line that does not end',
    strike: (call, { dialect }) => {
      call.begin(dialect.streamType);
      call.write(`${dialect === ollama ? '{"message":"' : 'data: {"id":"'}${tooLarge}`);
    },
  },
  {
    fault: 'malformed',
    phase: 'opened',
    forms: both,
    how: 'bytes that are no HTTP',
    strike: (call) => void call.socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  },
  {
    fault: 'malformed',
    phase: 'opened',
    forms: whole,
    how: 'a page with status 200',
    strike: (call) => call.whole(page, 200, { 'content-type': 'text/html' }),
  },
  {
    fault: 'malformed',
    phase: 'streaming',
    forms: whole,
    how: 'a body that is no JSON',
    strike: (call) => call.whole('{"a":'),
  },
  {
    fault: 'malformed',
    phase: 'streaming',
    forms: stream,
    how: 'in pieces that cut through characters',
    says: 'naïve – 你好 👋🏽',
    strike: (call, { dialect }) => {
      for (const piece of inPieces(dialect.text('naïve – 你好 👋🏽') + dialect.end, 3)) call.write(piece);
      call.end();
    },
  },
  {
    fault: 'malformed',
    phase: 'streaming',
    forms: stream,
    how: 'mixed line ends and comments',
    dialects: compatible,
    says: 'on two lines',
    strike: (call, { dialect }) => {
      call.write(`: a comment\r\n\r\n${dialect.text('on two lines').replaceAll('\n', '\r\n')}`);
      call.write(dialect.end);
      call.end();
    },
  },
];

/** A runner that dies of it, with an answer half told. */
const outOfMemory: readonly Play[] = [
  {
    fault: 'out of memory',
    phase: 'streaming',
    forms: stream,
    how: 'after a token',
    strike: (call, { dialect }) => {
      call.write(dialect.error('llama runner process has terminated: CUDA error: out of memory'));
      call.end();
    },
  },
  {
    fault: 'out of memory',
    phase: 'streaming',
    forms: whole,
    how: 'in place of the body',
    strike: (call) =>
      call.whole({ error: 'llama runner process has terminated: CUDA error: out of memory' }, 500),
  },
];

/** All of them. */
export const answerPlays: readonly Play[] = [
  ...errorsInside,
  ...outOfMemory,
  ...serverErrors,
  ...callerAtFault,
  ...redirects,
  ...malformed,
];
