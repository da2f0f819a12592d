/** Until the first content a host may fail in any way: the next one serves, and each prompt is sent as often as is told. */

import { expect } from 'bun:test';
import type { Case } from './case-group.ts';
import { type Dialect, dialects, post, say, type Wire } from './dialects.ts';
import { type FailoverBench, limits } from './failover-bench.ts';
import type { Call } from './scripted-engine.ts';

interface Failure {
  /** Completes "the next host serves after …". */
  readonly name: string;
  readonly fail: (call: Call, dialect: Dialect) => void;
  /** The other forms of answer it can happen to; a stream unless it says otherwise. */
  readonly form?: 'stream' | 'whole' | 'both';
}

const failures: readonly Failure[] = [
  { name: 'a reset before headers', form: 'both', fail: (call) => call.cut('reset') },
  { name: 'a close before headers', form: 'both', fail: (call) => call.cut('finish') },
  {
    name: 'a reset after headers',
    fail: (call, { streamType }) => {
      call.begin(streamType);
      setTimeout(() => call.cut('reset'), 20);
    },
  },
  {
    name: 'a close after headers and a role without content',
    fail: (call, { streamType, prelude }) => {
      call.begin(streamType);
      call.write(prelude);
      setTimeout(() => call.cut('finish'), 20);
    },
  },
  {
    name: 'an empty stream',
    fail: (call, { streamType }) => {
      call.begin(streamType);
      call.end();
    },
  },
  {
    name: 'an error inside a 200',
    fail: (call, { streamType, error }) => {
      call.begin(streamType);
      call.write(error('llama runner process has terminated: exit status 2'));
      call.end();
    },
  },
  {
    name: 'a first token that does not come, though the host lives',
    fail: (call, { streamType, prelude }) => {
      call.begin(streamType);
      call.write(prelude);
    },
  },
  { name: 'headers that do not come, though the host lives', fail: () => undefined },
  {
    name: 'bytes that are no HTTP',
    form: 'both',
    fail: (call) => void call.socket.end('SSH-2.0-OpenSSH_9.6\r\n'),
  },
  { name: 'a page in place of an answer', form: 'both', fail: (call) => call.whole('<html>502</html>', 502) },
  {
    name: 'a redirect, which is not followed',
    form: 'both',
    fail: (call) => call.whole('', 307, { location: '/elsewhere' }),
  },
  { name: 'status 500', form: 'both', fail: (call) => call.whole({ error: 'boom' }, 500) },
  { name: 'status 503', form: 'both', fail: (call) => call.whole({ error: 'server busy' }, 503) },
  { name: 'status 429', form: 'both', fail: (call) => call.whole({ error: 'slow down' }, 429) },
  {
    name: 'status 404 for a model the host has lost',
    form: 'both',
    fail: (call) => call.whole({ error: `model '${call.body.model}' not found` }, 404),
  },
  {
    name: 'half a body',
    form: 'whole',
    fail: (call) => {
      call.socket.write(
        'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 500\r\n\r\n{"a":',
      );
      setTimeout(() => call.cut('finish'), 20);
    },
  },
  { name: 'a body that is no JSON', form: 'whole', fail: (call) => call.whole('{"a":') },
];

const served = async (
  bench: FailoverBench,
  dialect: Dialect,
  body: Wire,
  stream: boolean,
): Promise<Response> => {
  const response = await post(bench.origin, dialect.chatPath, stream ? body : { ...body, stream: false });
  expect(response.status).toBe(200);
  const text = await response.text();
  if (stream) expect(dialect.read(text)).toMatchObject({ text: 'fine', complete: true, error: undefined });
  else expect(text).toContain('fine');
  return response;
};

const failsOver = ({ name, fail, form = 'stream' }: Failure, dialect: Dialect): Case<FailoverBench> => ({
  name: `${dialect.name}: the next host serves after ${name}`,
  prove: async (bench) => {
    const { first, second } = bench.tier(dialect);
    const forms = form === 'both' ? [true, false] : [form === 'stream'];
    for (const stream of forms) {
      const sent = first.calls.length + second.calls.length;
      first.answer((call) => fail(call, dialect));
      second.answer((call) => (stream ? say(call, dialect, 'fine') : call.whole(dialect.whole('fine'))));
      const response = await served(bench, dialect, dialect.chat(bench.fresh(dialect)), stream);
      expect(response.headers.get('x-pointsman-attempts')).toBe('2');
      expect(response.headers.get('x-pointsman-backend')).toStartWith('second-');
      expect(response.headers.get('x-pointsman-reason')).toContain('first-');
      expect(first.calls.length + second.calls.length - sent).toBe(2);
    }
  },
});

const refused = (dialect: Dialect): Case<FailoverBench> => ({
  name: `${dialect.name}: the next host serves when the first refuses connections, and only it was sent the prompt`,
  prove: async (bench) => {
    const { lost, second } = bench.tier(dialect);
    await lost.close();
    second.answer((call) => say(call, dialect, 'fine'));
    const sent = lost.calls.length + second.calls.length;
    const startedAt = performance.now();
    const response = await served(bench, dialect, dialect.chat(`lonely-${dialect.name.toLowerCase()}`), true);
    expect(performance.now() - startedAt).toBeLessThan(limits.headersMs);
    expect(response.headers.get('x-pointsman-attempts')).toBe('2');
    expect(lost.calls.length + second.calls.length - sent).toBe(1);
  },
});

const blackHole = (dialect: Dialect): Case<FailoverBench> => ({
  name: `${dialect.name}: a host that does not even tell its version is given up soon, and the next serves`,
  prove: async (bench) => {
    const { mute, second } = bench.tier(dialect);
    mute.fallSilent();
    second.answer((call) => say(call, dialect, 'fine'));
    const startedAt = performance.now();
    const response = await served(bench, dialect, dialect.chat(`muted-${dialect.name.toLowerCase()}`), true);
    const tookMs = performance.now() - startedAt;
    expect(tookMs).toBeGreaterThan(limits.headersMs);
    expect(tookMs).toBeLessThan(limits.firstContentMs);
    expect(response.headers.get('x-pointsman-attempts')).toBe('2');
    expect(mute.calls.length).toBe(1);
    await mute.calls[0]?.closed;
  },
});

const slowLoad = (dialect: Dialect): Case<FailoverBench> => ({
  name: `${dialect.name}: a host that lives and takes its time is waited for when there is no other`,
  prove: async (bench) => {
    const { slow } = bench.tier(dialect);
    slow.answer((call) => void setTimeout(() => say(call, dialect, 'fine'), 2 * limits.firstContentMs));
    const response = await served(bench, dialect, dialect.chat(`slow-${dialect.name.toLowerCase()}`), true);
    expect(response.headers.get('x-pointsman-attempts')).toBe('1');
  },
});

const keptConnection = (dialect: Dialect): Case<FailoverBench> => ({
  name: `${dialect.name}: a prompt is sent once over a kept connection that breaks after it arrived`,
  prove: async (bench) => {
    const { first, second } = bench.tier(dialect);
    first.answer((call) => (call.nth === 1 ? call.whole(dialect.whole('fine')) : call.cut('finish')));
    second.answer((call) => call.whole(dialect.whole('fine')));
    const sent = first.calls.length + second.calls.length;
    let attempts = 0;
    for (let round = 0; round < 4; round += 1) {
      const response = await served(bench, dialect, dialect.chat(bench.fresh(dialect)), false);
      attempts += Number(response.headers.get('x-pointsman-attempts'));
    }
    expect(first.calls.length + second.calls.length - sent).toBe(attempts);
    expect(attempts).toBeGreaterThan(4);
  },
});

const everywhere = (dialect: Dialect): Case<FailoverBench> => ({
  name: `${dialect.name}: three hosts are asked at most, and the error names what each of them did`,
  prove: async (bench) => {
    const { first, second, spare } = bench.tier(dialect);
    const engines = [first, second, ...spare];
    const sent = engines.reduce((sum, { calls }) => sum + calls.length, 0);
    for (const engine of engines) engine.answer((call) => call.whole({ error: 'boom' }, 500));
    const response = await post(
      bench.origin,
      dialect.chatPath,
      dialect.chat(`everywhere-${dialect.name.toLowerCase()}`),
    );
    const message = dialect.messageOf((await response.json()) as Wire);
    expect(response.status).toBe(502);
    expect(response.headers.get('x-pointsman-attempts')).toBe('3');
    expect(response.headers.get('x-should-retry')).toBe('false');
    for (const role of ['first', 'second', 'third']) expect(message).toContain(`${role}-`);
    expect(engines.reduce((sum, { calls }) => sum + calls.length, 0) - sent).toBe(3);
  },
});

const clientErrors: readonly { readonly status: number; readonly error: string }[] = [
  { status: 400, error: 'invalid options' },
  { status: 413, error: 'too large' },
  { status: 422, error: 'cannot be done' },
  { status: 400, error: 'request (5000 tokens) exceeds the available context size (4096 tokens)' },
];

const neverRetried = (dialect: Dialect): Case<FailoverBench> => ({
  name: `${dialect.name}: what is the caller's fault is told once and asked nowhere else`,
  prove: async (bench) => {
    const { first, second } = bench.tier(dialect);
    second.answer((call) => say(call, dialect, 'fine'));
    for (const { status, error } of clientErrors) {
      const sent = first.calls.length + second.calls.length;
      first.answer((call) => call.whole({ error }, status));
      const response = await post(bench.origin, dialect.chatPath, dialect.chat(bench.fresh(dialect)));
      expect(response.status).toBe(status);
      expect(dialect.messageOf((await response.json()) as Wire)).toContain(error);
      expect(first.calls.length + second.calls.length - sent).toBe(1);
    }
  },
});

export const failoverCases: readonly Case<FailoverBench>[] = dialects.flatMap((dialect) => [
  ...failures.map((failure) => failsOver(failure, dialect)),
  blackHole(dialect),
  slowLoad(dialect),
  keptConnection(dialect),
  everywhere(dialect),
  neverRetried(dialect),
  refused(dialect),
]);
