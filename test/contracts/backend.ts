/** What every kind of backend must do; each kind's test calls it with its own engine's answers. */

import { describe, expect, test } from 'bun:test';
import type { Backend, BackendKind, ProbeResult } from '../../src/backends/backend.ts';
import { backendKinds } from '../../src/backends/registry.ts';
import type { Fetch } from '../../src/spec/ports.ts';
import type { BackendOptions } from '../../src/spec/settings.ts';
import type { ProtocolId } from '../../src/spec/vocabulary.ts';
import { type FakeReply, fakeEngine } from '../backends/fake-fetch.ts';

export const host = 'engine.secret-lab.example:4711';
export const base = `http://${host}`;
const apiKey = 'sk-canary-0123456789';

export interface BackendCase {
  readonly kind: BackendKind;
  readonly preset?: string;
  /** What its options say besides. */
  readonly options?: Partial<BackendOptions>;
  /** The header its key travels in; absent: as a bearer. */
  readonly keyHeader?: string;
  /** What stands behind every path. */
  readonly query?: string;
  /** A live engine's answers. */
  readonly live: Readonly<Record<string, FakeReply>>;
  /** What a probe of it must contain. */
  readonly found: Partial<ProbeResult> & { readonly models: readonly unknown[] };
  /** The paths that list models: without an answer from one of them a probe has nothing to say. */
  readonly listings: readonly string[];
  /** Answers of a live engine that `alive` must accept, besides those of `live`. */
  readonly alive?: readonly Readonly<Record<string, FakeReply>>[];
  /** Answers of an engine that is not well, which `alive` must not accept. */
  readonly dead: readonly Readonly<Record<string, FakeReply>>[];
  readonly urls: readonly (readonly [base: string, protocol: ProtocolId, path: string, expected: string])[];
  /** A listed name and all its spellings. */
  readonly names: readonly (readonly [listed: string, spellings: readonly string[]])[];
}

export const optionsFor = (kind: BackendKind, more: Partial<BackendOptions> = {}): BackendOptions => ({
  id: 'box',
  kind: kind.kind,
  url: base,
  lane: kind.lane,
  zone: 'local',
  priority: 1,
  simulated: false,
  ...more,
});

const never = new AbortController().signal;

const rejection = async (run: Promise<unknown>): Promise<Error> => {
  try {
    await run;
  } catch (error) {
    if (error instanceof Error) return error;
    throw new Error('something other than an Error was thrown', { cause: error });
  }
  throw new Error('nothing was thrown');
};

const expectNoAddress = ({ message }: Error): void => {
  for (const part of [host, 'secret-lab', '4711', 'http', apiKey, 'canary'])
    expect(message).not.toContain(part);
  expect(message.length).toBeLessThan(100);
};

const megabyte = new Uint8Array(1024 * 1024).fill(0x20);
const endless = function* (): Generator<Uint8Array> {
  for (;;) yield megabyte;
};

/** Answers no probe may take for a listing. */
const badListings: Readonly<Record<string, FakeReply>> = {
  'a refused connection': 'refuse',
  'a 500': { status: 500, text: 'boom' },
  'a 401': { status: 401, json: { error: `bad key ${apiKey}` } },
  'a redirect': { status: 302, text: '' },
  'an HTML page': { text: '<html><title>Welcome</title></html>' },
  'half a listing': { text: '{"models":[{"name":"a"},' },
  null: { text: 'null' },
  'an error with 200': { json: { error: 'Unexpected endpoint or method. Returning 200 anyway' } },
  'a listing of another shape': { json: { data: 7, models: 'none' } },
  'an endless answer': { chunks: { [Symbol.iterator]: endless } },
};

/** Runs the battery. */
export const backendContract = (title: string, each: BackendCase): void => {
  const { kind, preset, keyHeader = 'authorization' } = each;
  const keyValue = keyHeader === 'authorization' ? `Bearer ${apiKey}` : apiKey;
  const create = (more: Partial<BackendOptions> = {}): Backend =>
    kind.create(optionsFor(kind, { ...(preset === undefined ? {} : { preset }), ...each.options, ...more }));
  const live = () => fakeEngine(base, each.live);

  const listed = (reply: FakeReply): Fetch =>
    fakeEngine(base, { ...each.live, ...Object.fromEntries(each.listings.map((path) => [path, reply])) })
      .fetch;

  describe(`${title} keeps the backend contract`, () => {
    test('its kind is registered and gives slots and a lane', () => {
      expect(backendKinds).toContain(kind);
      expect(kind.slots).toBeGreaterThan(0);
      expect(kind.lane).toBeString();
    });

    test('a probe finds the models and what the engine says of itself', async () => {
      const found = await create().probe(live().fetch, never);
      expect(found).toMatchObject(each.found);
      expect(found.models).toHaveLength(each.found.models.length);
    });

    test('a probe asks with GET, its own headers and the given signal, below the base URL', async () => {
      const engine = live();
      const backend = create({ apiKey });
      const { signal } = new AbortController();
      await backend.probe(engine.fetch, signal);
      await backend.alive(engine.fetch, signal);
      expect(engine.sent.length).toBeGreaterThan(1);
      for (const sent of engine.sent) {
        expect(sent.method).toBe('GET');
        expect(sent.headers).toEqual({ ...backend.headers });
        expect(sent.headers[keyHeader]).toBe(keyValue);
        expect(sent.signal).toBe(signal);
        expect(sent.url.startsWith(`${base}/`)).toBe(true);
      }
    });

    for (const [what, reply] of Object.entries(badListings)) {
      test(`a probe fails on ${what}, without an address or a key in the message`, async () => {
        expectNoAddress(await rejection(create({ apiKey }).probe(listed(reply), never)));
      });
    }

    test('a probe that is refused everywhere fails', async () => {
      const { fetch } = fakeEngine(base, { '*': 'refuse' });
      expectNoAddress(await rejection(create().probe(fetch, never)));
    });

    test('an empty listing is a live engine without models', async () => {
      const empty = listed({ json: { models: [], data: [] } });
      expect((await create().probe(empty, never)).models).toEqual([]);
    });

    test('a live engine is alive', async () => {
      const backend = create();
      for (const replies of [each.live, ...(each.alive ?? [])]) {
        await backend.alive(fakeEngine(base, replies).fetch, never);
      }
    });

    test('an engine that is not well is not alive, and the message has no address', async () => {
      const everywhere: readonly FakeReply[] = [
        'refuse',
        { status: 500, text: 'boom' },
        { status: 302, text: '' },
      ];
      for (const replies of [...everywhere.map((reply) => ({ '*': reply })), ...each.dead]) {
        expectNoAddress(await rejection(create({ apiKey }).alive(fakeEngine(base, replies).fetch, never)));
      }
    });

    test('an aborted signal asks nothing', async () => {
      const engine = live();
      const signal = AbortSignal.abort();
      await rejection(create().probe(engine.fetch, signal));
      await rejection(create().alive(engine.fetch, signal));
      expect(engine.sent).toEqual([]);
    });

    test('an abort ends a wait for headers and a wait for the body, whenever it comes', async () => {
      for (const silence of ['hang', 'hang-body'] as const) {
        for (const when of ['at once', 'later']) {
          const controller = new AbortController();
          const { fetch } = fakeEngine(base, { '*': silence });
          const probing = rejection(create().probe(fetch, controller.signal));
          if (when === 'later') await new Promise((resolve) => setImmediate(resolve));
          controller.abort();
          expectNoAddress(await probing);
        }
      }
    });

    for (const [from, protocol, path, expected] of each.urls) {
      test(`${from} and ${path} make ${expected}`, () => {
        expect(create({ url: from }).url(protocol, path)).toBe(expected);
      });
    }

    test('every dialect it speaks has an absolute URL below its prefix', () => {
      const backend = create();
      expect(backend.speaks.length).toBeGreaterThan(0);
      for (const { protocol, prefix } of backend.speaks) {
        expect(backend.url(protocol, '/x')).toBe(`${base}${prefix}/x${each.query ?? ''}`);
      }
    });

    for (const [listed, spellings] of each.names) {
      test(`${listed} answers to its spellings and no others`, () => {
        const names = create().names(listed);
        expect([...names].sort()).toEqual([...spellings].sort());
        expect(new Set(names).size).toBe(names.length);
        expect(names).toContain(listed.toLowerCase());
      });
    }

    test('its headers are built once, ask for plain bytes, and take configured ones in lower case', () => {
      const backend = create({ apiKey, headers: { 'X-Team': 'red', Accept: 'application/json' } });
      expect(backend.headers).toBe(backend.headers);
      expect(backend.headers).toMatchObject({
        'content-type': 'application/json',
        'accept-encoding': 'identity',
        accept: 'application/json',
        [keyHeader]: keyValue,
        'x-team': 'red',
      });
      expect(create().headers[keyHeader]).toBeUndefined();
    });

    test('headers of the connection and unspeakable values are refused by name, never by value', async () => {
      for (const name of ['Connection', 'Transfer-Encoding', 'Host', 'Content-Length', 'TE', 'bad name']) {
        const error = await rejection((async () => create({ headers: { [name]: 'canary-value' } }))());
        expect(error.message).toContain(name);
        expect(error.message).not.toContain('canary-value');
      }
      const broken = await rejection((async () => create({ apiKey: 'canary\r\nx-evil: 1' }))());
      expect(broken.message).toContain('apiKey');
      expect(broken.message).not.toContain('canary');
    });
  });
};
