import { describe, expect, test } from 'bun:test';
import type { Ask, Candidate } from '../../../src/core/candidate.ts';
import { hasCapability } from '../../../src/core/filters/has-capability.ts';
import { inTime } from '../../../src/core/filters/in-time.ts';
import { ofKind } from '../../../src/core/filters/of-kind.ts';
import { servesOperation } from '../../../src/core/filters/serves-operation.ts';
import { untried } from '../../../src/core/filters/untried.ts';
import { withinLimits } from '../../../src/core/filters/within-limits.ts';
import { withinMode } from '../../../src/core/filters/within-mode.ts';
import { withinZone } from '../../../src/core/filters/within-zone.ts';
import type { Filter } from '../../../src/core/policy.ts';
import { ask, candidate, rates } from '../candidates.ts';

type Row = readonly [
  what: string,
  filter: Filter,
  host: Partial<Candidate>,
  request: Partial<Ask>,
  verdict: true | 'incapable' | 'unavailable' | 'forbidden' | 'tried',
];

const able = (...capabilities: readonly ('completion' | 'embedding' | 'vision')[]): Partial<Candidate> => ({
  card: { name: 'm', capabilities },
});

const rows: readonly Row[] = [
  ['local stays open', withinZone, {}, { localOnly: true, mode: 'local_only' }, true],
  ['cloud is open', withinZone, { zone: 'cloud' }, {}, true],
  ['cloud is closed to a local request', withinZone, { zone: 'cloud' }, { localOnly: true }, 'forbidden'],
  ['cloud is closed in mode local_only', withinZone, { zone: 'cloud' }, { mode: 'local_only' }, 'forbidden'],
  ['the right kind', ofKind('ollama'), {}, {}, true],
  ['another kind', ofKind('docker-model-runner'), {}, {}, 'forbidden'],
  ['a host not tried', untried, {}, { tried: ['other'] }, true],
  ['a host that was tried', untried, {}, { tried: ['host'] }, 'tried'],
  ['a chat model for a chat', servesOperation, able('completion'), {}, true],
  ['an embedder for a chat', servesOperation, able('embedding'), {}, 'incapable'],
  ['a chat model for an embedding', servesOperation, able('completion'), { operation: 'embed' }, 'incapable'],
  ['a model of unknown making', servesOperation, {}, { operation: 'embed' }, true],
  ['a capability that is there', hasCapability, able('completion', 'vision'), { needs: ['vision'] }, true],
  ['a capability that lacks', hasCapability, able('completion'), { needs: ['vision'] }, 'incapable'],
  ['a capability that is unknown', hasCapability, {}, { needs: ['vision'] }, true],
  ['no deadline', inTime, {}, {}, true],
  ['a deadline far off', inTime, {}, { deadlineAt: 9000 }, true],
  ['a deadline that an estimate may miss by its error', inTime, {}, { deadlineAt: 1500 }, true],
  ['a deadline out of reach', inTime, {}, { deadlineAt: 1499 }, 'unavailable'],
  [
    'a deadline out of reach by assumption only',
    inTime,
    { rates: rates({ samples: 0 }) },
    { deadlineAt: 1499 },
    true,
  ],
  ['a deadline that passed', inTime, { rates: rates({ samples: 0 }) }, { deadlineAt: 1000 }, 'unavailable'],
  ['no limits', withinLimits, { reliability: 0 }, {}, true],
  ['a limit kept', withinLimits, {}, { limits: { maxFirstTokenMs: 1000 } }, true],
  ['a first token too late', withinLimits, {}, { limits: { maxFirstTokenMs: 999 } }, 'unavailable'],
  [
    'too few that end well',
    withinLimits,
    { reliability: 0.9 },
    { limits: { minReliability: 0.95 } },
    'unavailable',
  ],
];

describe('filters', () => {
  for (const [what, filter, host, request, verdict] of rows) {
    test(`${what}: ${verdict === true ? 'passes' : verdict}`, () => {
      const subject = candidate({ backend: 'host', ...host });
      const passed = filter(ask(request), subject, { now: 1000, candidates: [subject] });
      expect(passed === true ? true : passed.kind).toBe(verdict);
    });
  }
});

describe('modes', () => {
  const left = (mode: Ask['mode'], hosts: readonly Partial<Candidate>[]): readonly string[] => {
    const candidates = hosts.map((host, index) => candidate({ backend: 'abcdef'[index] ?? 'z', ...host }));
    return candidates
      .filter((each) => withinMode(ask({ mode }), each, { now: 0, candidates }) === true)
      .map(({ backend }) => backend);
  };

  const fleet = [
    { lane: 'cpu' },
    { lane: 'gpu' },
    { lane: 'gpu' },
    { lane: 'container', priority: 2 },
  ] as const;

  test('hybrid and local_only leave the choice of hosts alone', () => {
    expect(left('hybrid', fleet)).toEqual(['a', 'b', 'c', 'd']);
    expect(left('local_only', fleet)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('single is the first priority, the better lane, the earlier place', () => {
    expect(left('single', fleet)).toEqual(['b']);
    expect(left('single', [{ priority: 2 }, { lane: 'cloud', priority: 1 }])).toEqual(['b']);
  });

  test('single does not move on when its host is down', () => {
    expect(left('single', [{ host: { state: 'down', failures: 3 } }, {}])).toEqual(['a']);
  });

  test('fallback_only takes out the whole lane of the first backend', () => {
    expect(left('fallback_only', fleet)).toEqual(['a', 'd']);
    expect(left('fallback_only', [{ lane: 'cpu' }, { lane: 'gpu', priority: 1 }])).toEqual(['b']);
  });

  test('fallback_only within one lane takes out the first priority', () => {
    expect(left('fallback_only', [{ priority: 1 }, { priority: 2 }, { priority: 1 }])).toEqual(['b']);
  });

  test('fallback_only without a fallback leaves nothing', () => {
    expect(left('fallback_only', [{}, {}])).toEqual([]);
  });
});
