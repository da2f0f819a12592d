import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import type { Ask, Snapshot } from '../../src/core/candidate.ts';
import { lastResort, noTrials } from '../../src/core/last-resort.ts';
import { isLocalOnly } from '../../src/core/local-only.ts';
import { passingButHealth, plan } from '../../src/core/plan.ts';
import { policyNames } from '../../src/core/policies.ts';
import { policyFor, policyTable } from '../../src/core/policy-for.ts';
import { worthWaiting } from '../../src/core/worth-waiting.ts';
import { propertyRuns } from '../property-runs.ts';
import { drawnAsk, drawnSnapshot } from './drawn-fleets.ts';
import { modelSettings } from './model-settings.ts';

const open = modelSettings({ name: 'm' });
const bound = modelSettings({ name: 'm', localOnly: true });

describe('a request is local-only', () => {
  test.each([
    ['by its own word', 'local', {}, [open], true],
    ['by its own word in capitals', ' Local ', {}, [], true],
    ['by its key', null, { localOnly: true }, [], true],
    ['by its model under any name', null, {}, [open, bound], true],
    ['not unless it is marked', undefined, { localOnly: false }, [open], false],
  ] as const)('%s', (_how, header, key, models, expected) => {
    expect(isLocalOnly({ header, key, models })).toBe(expected);
  });

  test.each(['cloud', 'any', '', 'loc al', 'local, local'])(
    'or refused, when its mark cannot be understood: %j',
    (header) => {
      expect(() => isLocalOnly({ header, key: {}, models: [] })).toThrow(
        'x-pointsman-zone must be one of local',
      );
    },
  );
});

const table = policyTable({
  strategy: 'expected_finish',
  weights: { expected_finish: { soonest: 0, native: 3 }, geographic: { region: 0 } },
  requests: { policy: true, intentSuffixes: false },
});

/** Everyone a request may be sent to at one moment: attempted, waited for, or tried as a last resort. */
const reachable = (asked: Ask, snapshot: Snapshot, name: string, seed: number) => {
  const policy = policyFor(table, { header: name, model: undefined });
  const decided = plan(asked, snapshot, policy, seed);
  const trial = lastResort(noTrials, asked, passingButHealth(asked, snapshot, policy), snapshot.now);
  return [
    ...decided.attempts.map(({ candidate }) => candidate),
    ...decided.full.map(({ candidate }) => candidate),
    worthWaiting(asked, decided, snapshot.now, () => 0),
    trial?.candidate,
  ].filter((each) => each !== undefined);
};

describe('a local-only request', () => {
  test('never reaches the cloud, through no policy, mode, retry, wait or last resort', () => {
    let cloudsElsewhere = 0;
    fc.assert(
      fc.property(
        drawnSnapshot,
        drawnAsk,
        fc.constantFrom(...policyNames),
        fc.nat(),
        fc.constantFrom('request', 'mode'),
        (snapshot, drawn, name, seed, markedBy) => {
          const marked: Ask =
            markedBy === 'mode'
              ? { ...drawn, localOnly: false, mode: 'local_only' }
              : { ...drawn, localOnly: true };
          // Each round fails on everyone it could have used, and comes again without them.
          for (let asked = marked; ; ) {
            const all = reachable(asked, snapshot, name, seed);
            expect(all.filter(({ zone }) => zone === 'cloud')).toEqual([]);
            if (all.length === 0) break;
            asked = { ...asked, tried: [...asked.tried, ...all.map(({ backend }) => backend)] };
          }
          const free = { ...drawn, localOnly: false, mode: 'hybrid' } as const;
          if (reachable(free, snapshot, name, seed).some(({ zone }) => zone === 'cloud'))
            cloudsElsewhere += 1;
        },
      ),
      { numRuns: propertyRuns },
    );
    expect(cloudsElsewhere).toBeGreaterThan(0);
  });

  test('is told why the cloud is out before any reason that may change', () => {
    fc.assert(
      fc.property(drawnSnapshot, drawnAsk, fc.constantFrom(...policyNames), (snapshot, drawn, name) => {
        const { rejected } = plan({ ...drawn, localOnly: true }, snapshot, table.byName[name], 0);
        const clouds = snapshot.candidates.filter(({ zone }) => zone === 'cloud');
        const told = rejected.filter(({ candidate }) => candidate.zone === 'cloud');
        expect(told.map(({ reason }) => reason)).toEqual(
          clouds.map(() => ({ kind: 'forbidden', text: 'the request may not leave the local zone' })),
        );
      }),
      { numRuns: propertyRuns },
    );
  });

  test('is tried as a last resort only where the policy would have gone', () => {
    fc.assert(
      fc.property(
        drawnSnapshot,
        drawnAsk,
        fc.constantFrom('docker_only', 'ollama_only'),
        (snapshot, asked, name) => {
          const kind = name === 'docker_only' ? 'docker-model-runner' : 'ollama';
          const passed = passingButHealth(asked, snapshot, table.byName[name]);
          expect(passed.every((each) => each.kind === kind && !asked.tried.includes(each.backend))).toBe(
            true,
          );
        },
      ),
      { numRuns: propertyRuns },
    );
  });
});
