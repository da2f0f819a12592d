import { describe, expect, test } from 'bun:test';
import { decisions } from '../../src/cli/commands/decisions.ts';
import { mode } from '../../src/cli/commands/mode.ts';
import { residency } from '../../src/cli/commands/residency.ts';
import { route } from '../../src/cli/commands/route.ts';
import { CommandFailure } from '../../src/cli/exit.ts';
import { fakeRuntime } from './fake-runtime.ts';
import { recorded } from './recorded.ts';

const url = 'http://box:5010';

const failure = async (run: Promise<unknown>): Promise<readonly [number, string]> => {
  try {
    await run;
  } catch (error) {
    if (error instanceof CommandFailure) return [error.exitCode, error.message];
  }
  throw new Error('it did not fail');
};

const modes = [
  { name: 'hybrid', summary: 'all' },
  { name: 'single', summary: 'one' },
];

describe('pointsman mode', () => {
  test('shows the mode in force among all', async () => {
    const runtime = fakeRuntime({ answer: () => ({ json: { mode: 'single', modes } }) });
    await mode(undefined, { url }, runtime);
    expect(runtime.calls).toMatchObject([{ method: 'GET', url: `${url}/api/v1/mode`, body: undefined }]);
    expect(runtime.printed()).toBe('   MODE    WHAT IT MEANS\n   hybrid  all\n*  single  one\n');
  });

  test('switches it, with the key of whoever may', async () => {
    const runtime = fakeRuntime({
      env: { POINTSMAN_KEY: 'admin-key' },
      answer: () => ({ json: { mode: 'hybrid', modes } }),
    });
    await mode('hybrid', { url: `${url}/`, json: true }, runtime);
    expect(runtime.calls).toMatchObject([
      {
        method: 'PUT',
        url: `${url}/api/v1/mode`,
        body: { mode: 'hybrid' },
        headers: { authorization: 'Bearer admin-key', 'content-type': 'application/json' },
      },
    ]);
    expect(JSON.parse(runtime.printed())).toEqual({ mode: 'hybrid', modes });
  });

  test('passes on why it was refused', async () => {
    const refusing = (status: number, message: string) =>
      fakeRuntime({ answer: () => ({ status, json: { error: { message } } }) });
    expect(await failure(mode('x', { url }, refusing(400, 'mode must be one of hybrid, single')))).toEqual([
      2,
      `${url}: mode must be one of hybrid, single`,
    ]);
    expect(await failure(mode('single', { url }, refusing(403, 'no admin scope')))).toEqual([
      2,
      `${url}: no admin scope (--key)`,
    ]);
    expect(await failure(mode('single', { url }, refusing(500, 'internal')))).toEqual([
      1,
      `${url}: internal`,
    ]);
  });

  test('needs an instance that runs', async () => {
    expect(await failure(mode(undefined, { url }, fakeRuntime({})))).toEqual([
      1,
      `no Pointsman answers at ${url}`,
    ]);
    const file = fakeRuntime({ files: { 'p.yaml': 'listen: 0.0.0.0:6000' } });
    expect(await failure(mode(undefined, { config: 'p.yaml' }, file))).toEqual([
      1,
      'no Pointsman answers at http://127.0.0.1:6000',
    ]);
    const stranger = fakeRuntime({ answer: () => ({ json: 'hello' }) });
    expect(await failure(mode(undefined, { url }, stranger))).toEqual([1, `no Pointsman answers at ${url}`]);
  });
});

describe('pointsman decisions', () => {
  test('shows who was looked at, why, and what happened', async () => {
    const runtime = fakeRuntime({ answer: () => ({ json: recorded('r/1') }) });
    await decisions('r/1', { url }, runtime);
    expect(runtime.calls[0]?.url).toBe(`${url}/api/v1/decisions/r%2F1`);
    const lines = runtime.printed().split('\n');
    const line = (start: string): string => lines.find((each) => each.startsWith(start)) ?? '';
    expect(lines[0]).toBe('r/1  m  2023-11-14T22:13:20.000Z');
    expect(lines[1]).toBe('chat, streamed, intent fast, mode hybrid, 1000 tokens in, about 100 out');
    expect(line('at arrival')).toBe('at arrival: expected_finish, gpu, loaded');
    expect(line('1 *')).toMatch(
      /^1 \* +gpu +gpu +loaded +0\/1 +0\.\d+ +0 ms +0 ms +1\.0 s +2\.0 s +1\.0 s +3\.0 s +soonest 0/,
    );
    expect(line('full')).toMatch(/^full +busy +gpu +loaded +1\/1 .* 3\.0 s/);
    expect(line('out')).toMatch(/^out +dead +gpu +loaded +0\/1 .* down: connection refused$/);
    expect(line('without gpu')).toContain('failover 1');
    expect(lines.slice(-4)).toEqual([
      'gpu failed after 70 ms: crash',
      'cpu answered after 12 s',
      'done (200): queued 0 ms, first content 12 s, over after 90 s, 1003 tokens in, 99 out',
      '',
    ]);
  });

  test('lists the last requests', async () => {
    const end = { outcome: 'done', code: '200', queueMs: 0, firstContentMs: 70, durationMs: 1200 };
    const listed = [
      { requestId: 'r2', atUnixMs: 1_700_000_000_000, model: 'm', attempts: 0, why: 'all busy' },
      {
        requestId: 'r1',
        atUnixMs: 1_700_000_000_000,
        model: 'm',
        backend: 'gpu',
        attempts: 1,
        why: 'x',
        end,
      },
    ];
    const runtime = fakeRuntime({ answer: () => ({ json: { decisions: listed } }) });
    await decisions(undefined, { url }, runtime);
    expect(runtime.calls[0]?.url).toBe(`${url}/api/v1/decisions`);
    const lines = runtime.printed().split('\n');
    expect(lines[1]).toMatch(/^22:13:20 +r2 +m +- +runs +- +- +all busy$/);
    expect(lines[2]).toMatch(/^22:13:20 +r1 +m +gpu +done \(200\) +70 ms +1\.2 s +x$/);
    const none = fakeRuntime({ answer: () => ({ json: { decisions: [] } }) });
    await decisions(undefined, { url }, none);
    expect(none.printed()).toBe('no request was placed yet\n');
  });

  test('shows a request that was refused at once, and one that runs', async () => {
    const runtime = fakeRuntime({
      answer: () => ({
        json: { ...recorded('r1'), model: 'm\u001b[31m', rounds: [], attempts: [], end: undefined },
      }),
    });
    await decisions('r1', { url }, runtime);
    expect(runtime.printed()).toContain('refused before any backend was looked at');
    expect(runtime.printed()).toContain('it is still running');
    expect(runtime.printed()).not.toContain('\u001b');
  });

  test('is one line as JSON, for a replay', async () => {
    const runtime = fakeRuntime({ answer: () => ({ json: recorded('r1') }) });
    await decisions('r1', { url, json: true }, runtime);
    expect(runtime.printed().trimEnd().split('\n')).toHaveLength(1);
  });

  test('says that an id is not known any more', async () => {
    const runtime = fakeRuntime({
      answer: () => ({ status: 404, json: { error: { message: 'not kept' } } }),
    });
    expect(await failure(decisions('r1', { url }, runtime))).toEqual([1, `${url}: not kept`]);
  });
});

describe('pointsman route', () => {
  test('asks as a chat would, and says where it would go', async () => {
    const runtime = fakeRuntime({ answer: () => ({ json: recorded('r1') }) });
    const options = { url, explain: 'Hello', model: 'm', intent: 'heavy', policy: 'random', local: true };
    expect(await route(options, runtime)).toBe(0);
    expect(runtime.calls).toMatchObject([
      {
        method: 'POST',
        url: `${url}/api/v1/route`,
        headers: { 'x-pointsman-policy': 'random', 'x-pointsman-zone': 'local' },
        body: { model: 'm', intent: 'heavy', stream: true, messages: [{ role: 'user', content: 'Hello' }] },
      },
    ]);
    expect(runtime.printed()).toContain('at arrival: expected_finish');
  });

  test('sends a whole body from a file, with what the flags say of it', async () => {
    const runtime = fakeRuntime({
      files: { 'r.json': '{"model":"m","tools":[]}', 'bad.json': '{', 'list.json': '[]' },
      answer: () => ({ json: { ...recorded('r1'), rounds: [] } }),
    });
    expect(await route({ url, body: 'r.json', model: 'n' }, runtime)).toBe(1);
    expect(runtime.calls[0]?.body).toEqual({ model: 'n', tools: [] });
    for (const file of ['bad.json', 'list.json'])
      expect(await failure(route({ url, body: file }, runtime))).toEqual([
        2,
        `${file}: is not a JSON object`,
      ]);
    expect(await failure(route({ url, body: 'none' }, runtime))).toEqual([2, 'none: cannot be read']);
  });

  test('wants a prompt with a model, or a file', async () => {
    const runtime = fakeRuntime({});
    expect((await failure(route({ url }, runtime)))[0]).toBe(2);
    expect((await failure(route({ url, explain: 'x', body: 'y' }, runtime)))[0]).toBe(2);
    expect(await failure(route({ url, explain: 'x' }, runtime))).toEqual([2, '--explain needs --model']);
    expect(runtime.calls).toEqual([]);
  });
});

describe('pointsman load and unload', () => {
  test('tell what became of the model on each backend', async () => {
    const backends = [
      { backend: 'gpu', state: 'loaded', tookMs: 4200 },
      { backend: 'cpu', state: 'failed', reason: 'short of memory', tookMs: 3 },
    ];
    const runtime = fakeRuntime({ answer: () => ({ json: { model: 'hf.co/a/b', backends } }) });
    expect(await residency('load', 'hf.co/a/b', { url }, runtime)).toBe(1);
    expect(runtime.calls).toMatchObject([
      { method: 'POST', url: `${url}/api/v1/models/hf.co%2Fa%2Fb/load`, body: {} },
    ]);
    expect(runtime.printed()).toBe(
      'BACKEND  STATE                    TOOK\ngpu      loaded                   4.2 s\ncpu      failed: short of memory  3 ms\n',
    );
  });

  test('may be for one backend', async () => {
    const runtime = fakeRuntime({
      answer: () => ({ json: { model: 'm', backends: [{ backend: 'gpu', state: 'unloaded', tookMs: 1 }] } }),
    });
    expect(await residency('unload', 'm', { url, backend: 'gpu', json: true }, runtime)).toBe(0);
    expect(runtime.calls).toMatchObject([{ url: `${url}/api/v1/models/m/unload`, body: { backend: 'gpu' } }]);
  });
});
