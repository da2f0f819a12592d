/** What every adapter owes the program, shown on a running subprocess of each runtime. */

import { afterAll, beforeAll, describe, expect, test } from 'bun:test';
import { get, post, startRawClient } from './raw-client.ts';
import { type Arrival, chunk, chunkedHead, startRawUpstream, whole } from './raw-upstream.ts';
import { commands, type Probe, type RuntimeName, startProbe } from './start-probe.ts';

const names = Object.keys(commands) as readonly RuntimeName[];

/** The first promise of the program: a host is free this soon after its client left. */
const freedWithinMs = 250;

const relayPath = (url: string): string => `/relay?upstream=${encodeURIComponent(url)}`;

const asked = async (probe: Probe, path: string): Promise<Response> => fetch(`${probe.origin}${path}`);

describe.each(names)('the %s adapter', (name) => {
  let probe: Probe;

  beforeAll(async () => {
    probe = await startProbe(name);
  });

  afterAll(async () => {
    probe.process.kill('SIGKILL');
    await probe.ended;
  });

  test('finds a free port and tells who it is', async () => {
    expect(probe.port).toBeGreaterThan(0);
    const facts = (await (await asked(probe, '/')).json()) as Record<string, unknown>;
    expect(facts.name).toBe(name);
    expect(facts.version).toMatch(/^\d+\.\d+\.\d+/);
    expect(facts.hostname).not.toBe('');
    expect(facts.terminal).toEqual({ interactive: false, color: false });
  });

  test('refuses a port in use with the code of it', async () => {
    const second = await startProbe(name, { PROBE_PORT: String(probe.port) });
    expect(await second.ended).toBe(4);
    expect(second.output.err).toContain('refused EADDRINUSE');
  });

  test('passes a stream on chunk by chunk', async () => {
    const upstream = await startRawUpstream();
    const client = startRawClient(probe.port, post(relayPath(upstream.url)));
    const { socket } = await upstream.next();
    socket.write(chunkedHead);
    await client.saw('x-upstream-type: text/event-stream');
    for (const text of ['one', 'two', 'three']) {
      socket.write(chunk(text));
      await client.saw(text);
    }
    socket.write('0\r\n\r\n');
    await client.saw('0\r\n\r\n');
    client.leave('finish');
    upstream.close();
  });

  test('sends the body with its length and asks for no compression', async () => {
    const upstream = await startRawUpstream(({ socket }) => socket.write(whole('fine')));
    expect(await (await asked(probe, relayPath(upstream.url))).text()).toBe('fine');
    const [arrival] = upstream.arrivals;
    expect(arrival?.body).toBe('{"probe":true}');
    expect(arrival?.head.toLowerCase()).toContain('content-length: 14');
    expect(arrival?.head.toLowerCase()).toContain('accept-encoding: identity');
    upstream.close();
  });

  describe.each(['finish', 'reset'] as const)('a client that leaves by %s', (how) => {
    test.each([
      ['GET', get],
      ['POST', post],
    ] as const)('before headers frees the upstream of a %s', async (_, write) => {
      const upstream = await startRawUpstream();
      const client = startRawClient(probe.port, write(relayPath(upstream.url)));
      const arrival = await upstream.next();
      const leftAt = performance.now();
      client.leave(how);
      expect((await arrival.closed) - leftAt).toBeLessThan(freedWithinMs);
      upstream.close();
    });

    test.each([
      ['GET', get],
      ['POST', post],
    ] as const)('in the middle of a stream frees the upstream of a %s', async (_, write) => {
      const upstream = await startRawUpstream();
      const client = startRawClient(probe.port, write(relayPath(upstream.url)));
      const arrival = await upstream.next();
      arrival.socket.write(`${chunkedHead}${chunk('begun')}`);
      await client.saw('begun');
      const leftAt = performance.now();
      client.leave(how);
      expect((await arrival.closed) - leftAt).toBeLessThan(freedWithinMs);
      upstream.close();
    });
  });

  test('sends a body once when a kept connection breaks after receiving it', async () => {
    const upstream = await startRawUpstream(({ socket, nth }) => {
      if (nth === 1) socket.write(whole('fine'));
      else socket.destroy();
    });
    const path = `/one-by-one?count=6&upstream=${encodeURIComponent(upstream.url)}`;
    const outcomes = (await (await asked(probe, path)).json()) as readonly string[];
    expect(upstream.arrivals.length).toBe(6);
    expect(outcomes).toContain('failed');
    expect(outcomes.filter((outcome) => outcome === 'fine').length).toBe(upstream.connections());
    upstream.close();
  });

  test('keeps a connection for the next request', async () => {
    const upstream = await startRawUpstream(({ socket }) => socket.write(whole('fine')));
    const path = `/one-by-one?count=10&upstream=${encodeURIComponent(upstream.url)}`;
    await (await asked(probe, path)).json();
    expect(upstream.arrivals.length).toBe(10);
    // Node rests a connection for one turn of its loop, in which a second one may be made.
    expect(upstream.connections()).toBeLessThanOrEqual(2);
    upstream.close();
  });

  test('has 600 requests under way at once', async () => {
    const held: Arrival[] = [];
    const upstream = await startRawUpstream((arrival) => {
      held.push(arrival);
      if (held.length === 600) for (const { socket } of held) socket.write(whole('fine'));
    });
    const path = `/at-once?count=600&upstream=${encodeURIComponent(upstream.url)}`;
    const outcomes = (await (await asked(probe, path)).json()) as readonly string[];
    expect(outcomes.filter((outcome) => outcome === 'fine').length).toBe(600);
    upstream.close();
  }, 20_000);

  test('follows no redirect', async () => {
    const upstream = await startRawUpstream(({ socket }) =>
      socket.write('HTTP/1.1 307 Temporary Redirect\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n'),
    );
    const response = await fetch(`${probe.origin}${relayPath(upstream.url)}`, { redirect: 'manual' });
    expect(response.status).toBe(307);
    expect(upstream.arrivals.length).toBe(1);
    upstream.close();
  });

  test('ignores a proxy in the environment', async () => {
    const upstream = await startRawUpstream(({ socket }) => socket.write(whole('fine')));
    const nowhere = 'http://127.0.0.1:9';
    const proxied = await startProbe(name, { http_proxy: nowhere, HTTP_PROXY: nowhere, ALL_PROXY: nowhere });
    const path = `/one-by-one?upstream=${encodeURIComponent(upstream.url)}`;
    const response = await fetch(`${proxied.origin}${path}`, { proxy: false });
    expect(await response.json()).toEqual(['fine']);
    proxied.process.kill('SIGKILL');
    await proxied.ended;
    upstream.close();
  });

  test('lets a stream that breaks off be told from one that ends', async () => {
    const upstream = await startRawUpstream();
    const client = startRawClient(probe.port, get(relayPath(upstream.url)));
    const { socket } = await upstream.next();
    socket.write(`${chunkedHead}${chunk('begun')}`);
    await client.saw('begun');
    socket.destroy();
    await client.ended;
    expect(client.received()).not.toContain('0\r\n\r\n');
    upstream.close();
  });

  test('takes a body of 160 MB', async () => {
    const response = await fetch(`${probe.origin}/size`, {
      method: 'POST',
      body: new Uint8Array(160_000_000),
    });
    expect(await response.text()).toBe('160000000');
  }, 20_000);

  test('survives stray failures and tells of them without their message', async () => {
    expect((await asked(probe, '/broken')).status).toBe(500);
    await probe.told('request failed: Error');
    expect(await (await asked(probe, '/stray')).text()).toBe('noted');
    await probe.told('unhandled rejection: Error');
    await probe.told('uncaught exception: Error');
    expect((await asked(probe, '/')).status).toBe(200);
    expect(probe.output.err).not.toContain('hush-hush');
  });

  test('colours its output when told to, and not when told not to', async () => {
    const terminalWith = async (env: Readonly<Record<string, string>>): Promise<unknown> => {
      const told = await startProbe(name, env);
      const { terminal } = (await (await asked(told, '/')).json()) as { readonly terminal: unknown };
      told.process.kill('SIGKILL');
      await told.ended;
      return terminal;
    };
    expect(await terminalWith({ FORCE_COLOR: '1' })).toEqual({ interactive: false, color: true });
    expect(await terminalWith({ FORCE_COLOR: '1', NO_COLOR: '1' })).toEqual({
      interactive: false,
      color: false,
    });
  });

  test('an interrupt stops gracefully: the running stream ends well and all text is written', async () => {
    const upstream = await startRawUpstream();
    const own = await startProbe(name);
    const client = startRawClient(own.port, get(relayPath(upstream.url)));
    const { socket } = await upstream.next();
    socket.write(`${chunkedHead}${chunk('begun')}`);
    await client.saw('begun');
    own.process.kill('SIGHUP');
    await own.saw('reload');
    own.process.kill('SIGINT');
    await own.saw('interrupt');
    await expect(fetch(own.origin)).rejects.toThrow();
    socket.write(`${chunk('finished')}0\r\n\r\n`);
    await client.saw('finished');
    await client.saw('0\r\n\r\n');
    client.leave('finish');
    expect(await own.ended).toBe(3);
    expect(own.output.out.endsWith(`${'x'.repeat(300_000)}\nstopped\n`)).toBe(true);
    upstream.close();
  });

  test('a termination stops at once and cuts what runs', async () => {
    const upstream = await startRawUpstream();
    const own = await startProbe(name);
    const client = startRawClient(own.port, get(relayPath(upstream.url)));
    const arrival = await upstream.next();
    arrival.socket.write(`${chunkedHead}${chunk('begun')}`);
    await client.saw('begun');
    own.process.kill('SIGTERM');
    expect(await own.ended).toBe(3);
    await client.ended;
    await arrival.closed;
    upstream.close();
  });
});

describe('the bun adapter', () => {
  test('waits through a silence longer than the timers Bun would set', async () => {
    const upstream = await startRawUpstream();
    const probe = await startProbe('bun', { BUN_CONFIG_HTTP_IDLE_TIMEOUT: '4' });
    const client = startRawClient(probe.port, post(relayPath(upstream.url)));
    const { socket } = await upstream.next();
    await new Promise((resolve) => setTimeout(resolve, 13_000));
    socket.write(whole('after a long thought'));
    await client.saw('after a long thought');
    client.leave('finish');
    probe.process.kill('SIGKILL');
    await probe.ended;
    upstream.close();
  }, 20_000);
});
