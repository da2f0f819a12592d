import { describe, expect, test } from 'bun:test';
import type { Head } from '../../src/core/cluster/document.ts';
import { writeBody, writeHead } from '../../src/core/cluster/write-document.ts';
import { bodyKey, headKey, instanceKey } from '../../src/state/document-keys.ts';
import { createDocumentReader } from '../../src/state/document-reader.ts';
import { createSeal } from '../../src/state/envelope.ts';
import { emptyHead } from '../core/cluster/empty-head.ts';
import { noBody } from './lone-replica.ts';

const stamped = { instance: 'one', boot: 'boot', sequence: 3, upMs: 5 };
const head: Head = { ...emptyHead, ...stamped };

const read = () => {
  const seal = createSeal('a secret of the cluster');
  return { seal, reader: createDocumentReader(seal, () => undefined) };
};

describe('documents out of a store', () => {
  test('are read where they belong', () => {
    const { seal, reader } = read();
    const of = instanceKey('one');
    expect(reader.head(of, seal.seal(headKey(of), writeHead(head, 0)), 0)).toEqual(head);
    const body = { ...stamped, ...noBody };
    expect(reader.body(of, seal.seal(bodyKey(of), writeBody(body, 0)), 0)).toEqual(body);
    expect(reader.ignored().size).toBe(0);
  });

  test('of one instance that lie in the place of another are passed over', () => {
    const { seal, reader } = read();
    const elsewhere = instanceKey('two');
    expect(reader.head(elsewhere, seal.seal(headKey(elsewhere), writeHead(head, 0)), 0)).toBeUndefined();
    expect(reader.ignored().get('garbage')).toBe(1);
  });
});
