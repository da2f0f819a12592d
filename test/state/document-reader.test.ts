import { describe, expect, test } from 'bun:test';
import { bodyKey, headKey, instanceKey } from '../../src/state/document-keys.ts';
import { createDocumentReader } from '../../src/state/document-reader.ts';
import { createSeal } from '../../src/state/envelope.ts';

const one = instanceKey('one');

describe('a document that is passed over', () => {
  test('counts once, however often it is read, and its next writing once more', () => {
    const told: string[] = [];
    const other = createSeal('another-cluster-secret');
    const reader = createDocumentReader(createSeal('a-secret-of-one-cluster'), (reason) => told.push(reason));
    const written = [1, 2].map((seq) => other.seal(headKey(one), { v: 1, seq }));
    for (const text of written)
      for (let reading = 0; reading < 5; reading += 1) expect(reader.head(one, text, 0)).toBeUndefined();
    expect([...reader.ignored()]).toEqual([['foreign-secret', 2]]);
    expect(told).toEqual(['foreign-secret']);
  });

  test('counts by its reason, heads and bodies alike, and under each key', () => {
    const seal = createSeal(undefined);
    const reader = createDocumentReader(seal, () => undefined);
    const two = instanceKey('two');
    for (let reading = 0; reading < 3; reading += 1) {
      reader.head(one, 'nothing that was ever sealed', 0);
      reader.head(one, seal.seal(headKey(one), { v: 1 }), 0);
      reader.body(one, seal.seal(bodyKey(one), { v: 2 }), 0);
      reader.body(two, 'x'.repeat(300_000), 0);
    }
    // The first two are at one key, where each takes the place of the other.
    expect([...reader.ignored()]).toEqual([
      ['garbage', 7],
      ['too-large', 1],
    ]);
  });
});
