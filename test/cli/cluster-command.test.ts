import { expect, test } from 'bun:test';
import { cluster } from '../../src/cli/commands/cluster.ts';
import type { ClusterReport } from '../../src/gateway/cluster/report.ts';
import { fakeRuntime } from './fake-runtime.ts';

const report: ClusterReport = {
  instance: 'one',
  driver: 'redis',
  state: 'detached',
  failures: 3,
  ignored: {},
  instances: [],
  pairs: [],
  quotas: [
    {
      key: 'laptop',
      requests: { used: 4, limit: 10, share: 4 },
      tokens: { used: 90, limit: 900, share: 900 },
    },
    { key: 'jobs', tokens: { used: 0, limit: 50, share: 50 } },
  ],
};

test('pointsman cluster shows how far limits of keys are used up, where there are any', async () => {
  const runtime = fakeRuntime({ answer: () => ({ json: report }) });
  await cluster({ url: 'http://box:5010' }, runtime);
  expect(runtime.printed()).toEndWith(
    [
      'KEY     REQUESTS A MINUTE  TOKENS A MINUTE',
      'laptop  4 of 10 (4 here)   90 of 900',
      'jobs    -                  0 of 50',
      '',
    ].join('\n'),
  );
  const without = fakeRuntime({ answer: () => ({ json: { ...report, quotas: [] } }) });
  await cluster({ url: 'http://box:5010' }, without);
  expect(without.printed()).not.toContain('KEY');
});
