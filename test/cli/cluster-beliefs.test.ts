import { describe, expect, test } from 'bun:test';
import { cluster } from '../../src/cli/commands/cluster.ts';
import type { Runtime } from '../../src/cli/runtime.ts';
import type { ClusterReport } from '../../src/gateway/cluster/report.ts';
import { fakeRuntime } from './fake-runtime.ts';

const instance = {
  self: false,
  state: 'alive',
  silentMs: 400,
  upMs: 1,
  inflight: 2,
  waiting: 3,
  loads: 1,
} as const;
const belief = { phase: 'open', epoch: 2, openings: 1, remainMs: 3_600 } as const;
const sound = { phase: 'closed', epoch: 1, openings: 0, remainMs: 0 } as const;

const report: ClusterReport = {
  instance: 'one',
  driver: 'redis',
  state: 'detached',
  reason: 'the store refuses the password',
  failures: 1,
  ignored: { 'foreign-secret': 2 },
  instances: [
    { ...instance, instance: 'one', self: true, owns: ['gpu', 'cpu'] },
    { ...instance, instance: 'two', owns: [] },
  ],
  quotas: [],
  pairs: [
    {
      backend: 'gpu',
      model: 'm',
      owner: 'two',
      beliefs: [
        { ...belief, instance: 'one' },
        { ...sound, instance: 'two' },
      ],
      disagree: true,
    },
    {
      backend: 'cpu',
      model: 'm',
      owner: 'one',
      beliefs: [
        { ...belief, instance: 'one' },
        { ...belief, instance: 'two' },
      ],
      disagree: false,
    },
  ],
};

const shown = async (color: boolean, json: ClusterReport = report): Promise<string> => {
  const fake = fakeRuntime({ answer: () => ({ json }) });
  const runtime: Runtime = { ...fake, terminal: { interactive: color, color } };
  await cluster({ url: 'http://box:5010' }, runtime);
  return fake.printed();
};

describe('pointsman cluster', () => {
  test('shows the instances, what each does and looks at, and what each believes', async () => {
    expect(await shown(false)).toBe(`\
state: detached (the store refuses the password), driver redis, 1 failure, documents passed over: 2 foreign-secret

   INSTANCE  STATE  SILENT  RUNNING  WAITING  LOADS  LOOKS AT
*  one       alive  -       2        3        1      gpu, cpu
   two       alive  0.4 s   2        3        1      -

BACKEND  MODEL  TRIED FIRST BY  BELIEFS
gpu      m      two             one: open 3.6 s, two: closed  (they disagree)
cpu      m      one             one: open 3.6 s, two: open 3.6 s
`);
  });

  test('shows a disagreement in colour where that is wanted, and nothing else', async () => {
    const lines = (await shown(true)).split('\n');
    const coloured = lines.filter((line) => line.includes('\u001b['));
    expect(coloured).toEqual([
      '\u001b[33mgpu      m      two             one: open 3.6 s, two: closed\u001b[0m',
    ]);
  });

  test('says that nobody thinks ill of anything, and that an instance is alone', async () => {
    const text = await shown(false, { ...report, state: 'alone', pairs: [] });
    expect(text).toStartWith('this instance shares with nobody');
    expect(text).toEndWith('\nnobody thinks ill of any pair\n');
  });
});
