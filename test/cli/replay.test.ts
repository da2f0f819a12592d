import { describe, expect, test } from 'bun:test';
import { replay } from '../../src/cli/commands/replay.ts';
import { CommandFailure } from '../../src/cli/exit.ts';
import { fakeRuntime } from './fake-runtime.ts';
import { recorded } from './recorded.ts';

const lines = (...texts: readonly string[]): string => `${texts.join('\n')}\n`;
const line = (id: string): string => JSON.stringify(recorded(id));
const otherEvent = '{"time":"2026-01-01T00:00:00Z","level":"info","type":"request","model":"m"}';
const logged = `{"time":"2026-01-01T00:00:00Z","level":"info","type":"decision","decision":${line('r9')}}`;

const files = {
  'good.jsonl': lines(line('r1'), '', otherEvent, logged),
  'bad.jsonl': lines(
    line('r1'),
    '{"version":1',
    '[]',
    line('r2').replace('"slots":1', '"slots":0'),
    line('r3'),
  ),
  'other.yaml': 'strategy: priority\nbackends: { cpu: { kind: ollama, url: "http://h", priority: 0 } }',
  'prefer.yaml':
    'strategy: geographic\nregion: eu\nbackends: { cpu: { kind: ollama, url: "http://h", region: eu } }',
  'broken.yaml': 'stratgy: random',
};

const run = async (path: string, policy: string, json: 'json' | 'text' = 'text') => {
  const runtime = fakeRuntime({ files });
  try {
    const code = await replay(path, { policy, json: json === 'json' }, runtime);
    return { code, out: runtime.printed(), err: runtime.complained() };
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    return { code: error.exitCode, out: '', err: error.message };
  }
};

describe('pointsman replay', () => {
  test('reads decisions by themselves and out of a log, and passes over other lines', async () => {
    const { code, out, err } = await run('good.jsonl', 'expected-finish');
    expect([code, err]).toEqual([0, '']);
    expect(out).toContain('2 requests under expected_finish: 2 to the same backend, 0 to another, 0 to none');
    expect(out).toMatch(/^recorded +2 +12 s +12 s +12 s$/m);
    expect(out).toMatch(/^recorded, as estimated +2 +1\.0 s/m);
    expect(out).toMatch(/^expected_finish, 0 of them estimates +2 +12 s/m);
  });

  test('marks what would happen elsewhere as an estimate', async () => {
    const { code, out } = await run('good.jsonl', 'prefer.yaml');
    expect(code).toBe(0);
    expect(out).toContain('0 to the same backend, 2 to another');
    expect(out).toMatch(/^r1 +m +gpu +12 s +cpu +11 s \(estimate\)$/m);
    expect(out).toMatch(/^gpu +2 +0$/m);
  });

  test('names each bad line, replays the rest and ends with 1', async () => {
    const { code, out, err } = await run('bad.jsonl', 'random', 'json');
    expect(code).toBe(1);
    const report = JSON.parse(out);
    expect(report).toMatchObject({ policy: 'random', unplanned: 0 });
    expect(report.requests.map(({ requestId }: { requestId: string }) => requestId)).toEqual(['r1', 'r3']);
    expect(report.badLines.map((bad: { line: number }) => bad.line)).toEqual([2, 3, 4]);
    expect(err.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^bad\.jsonl:2: is not JSON: /),
      'bad.jsonl:3: it must be an object',
      'bad.jsonl:4: rounds[0].candidates[0].slots must be a number from 1 on',
    ]);
  });

  test('takes a file or a name, and says what is wrong with either', async () => {
    expect((await run('good.jsonl', 'other.yaml')).code).toBe(0);
    expect(await run('good.jsonl', 'fastest')).toMatchObject({ code: 2 });
    expect((await run('good.jsonl', 'least_load')).err).toContain('did you mean "least_loaded"?');
    expect((await run('good.jsonl', 'broken.yaml')).err).toContain('did you mean "strategy"?');
    expect(await run('none.jsonl', 'random')).toMatchObject({ code: 2, err: 'none.jsonl: cannot be read' });
  });

  test('shows so many requests, and counts the rest', async () => {
    const many = Array.from({ length: 60 }, (_, index) => line(`r${index}`)).join('\n');
    const runtime = fakeRuntime({ files: { ...files, 'many.jsonl': many } });
    await replay('many.jsonl', { policy: 'prefer.yaml' }, runtime);
    expect(runtime.printed()).toContain('and 20 more (--json shows all)');
  });
});
