import type { Runtime } from '../../src/cli/runtime.ts';
import type { FetchInit } from '../../src/spec/ports.ts';

/** A call as a fake instance saw it. */
export interface SeenCall {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

export interface FakeRuntime extends Runtime {
  readonly calls: readonly SeenCall[];
  readonly printed: () => string;
  readonly complained: () => string;
}

export interface FakeSurroundings {
  readonly files?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** What the instance answers; absent: nobody listens. */
  readonly answer?: (call: SeenCall) => { readonly status?: number; readonly json: unknown };
}

const seen = (url: string, { method, headers, body }: FetchInit): SeenCall => ({
  url,
  method,
  headers,
  body: body === undefined ? undefined : JSON.parse(new TextDecoder().decode(body)),
});

/** A runtime without a network: what is fetched is answered by the test, what is printed is kept. */
export const fakeRuntime = ({ files = {}, env = {}, answer }: FakeSurroundings): FakeRuntime => {
  const calls: SeenCall[] = [];
  let out = '';
  let err = '';
  return {
    name: 'bun',
    version: '0',
    args: [],
    hostname: 'here',
    terminal: { interactive: false, color: false },
    calls,
    printed: () => out,
    complained: () => err,
    fetch: (url, init) => {
      const call = seen(url, init);
      calls.push(call);
      if (answer === undefined) return Promise.reject(new Error('refused'));
      const { status = 200, json } = answer(call);
      return Promise.resolve(new Response(JSON.stringify(json), { status }));
    },
    env: (name) => env[name],
    readTextFile: (path) => {
      const text = files[path];
      return text === undefined ? Promise.reject(new Error('no such file')) : Promise.resolve(text);
    },
    run: () => Promise.resolve(undefined),
    serve: () => Promise.reject(new Error('not here')),
    onSignal: () => undefined,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    exit: (code) => {
      throw new Error(`exit ${code}`);
    },
  };
};
