import { describe, expect, test } from 'bun:test';
import fc from 'fast-check';
import { readBody, readHead } from '../../../src/core/cluster/read-document.ts';
import { writeBody, writeHead } from '../../../src/core/cluster/write-document.ts';
import type { Json, JsonObject } from '../../../src/spec/json.ts';
import { bodies, heads } from './arbitrary-documents.ts';
import { emptyHead } from './empty-head.ts';

const overWire = (value: JsonObject): JsonObject => JSON.parse(JSON.stringify(value));

describe('documents', () => {
  test('read as they were written', () => {
    fc.assert(
      fc.property(heads, bodies, (head, body) => {
        expect(readHead(overWire(writeHead(head, 0)), 0)).toEqual(head);
        expect(readBody(overWire(writeBody(body, 0)), 0)).toEqual(body);
      }),
    );
  });

  test('carry what is left of a time, so that no two clocks are compared', () => {
    const fact = { epoch: 2, phase: 'open', openings: 1, until: 1_000_700 } as const;
    const pin = { epoch: 1, times: 2, until: 1_600_000, contextTokens: 4_096 };
    const head = {
      ...emptyHead,
      breakers: new Map([['aaaa.x', fact]]),
      pins: new Map([['aaaa.x', pin]]),
    };
    const read = readHead(overWire(writeHead(head, 1_000_000)), 50);
    expect(read?.breakers.get('aaaa.x')).toEqual({ ...fact, until: 750 });
    expect(read?.pins.get('aaaa.x')).toEqual({ ...pin, until: 600_050 });
  });

  test('of anything at all give no exception and no number that could not be true', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (one, other) => {
        const json = {
          v: 1,
          instance: 'one',
          boot: 'a',
          seq: 1,
          breakers: one,
          flights: other,
        } as JsonObject;
        const read = readHead({ ...json, rates: one as Json }, 0);
        for (const { until, epoch } of read?.breakers.values() ?? []) {
          expect(until).toBeLessThanOrEqual(3_600_000);
          expect(Number.isSafeInteger(epoch)).toBe(true);
        }
      }),
    );
  });

  test.each([
    ['an epoch without a next', { 'aaaa.x': [2 ** 53, 3, 1, 5] }],
    ['a rest of a day', { 'aaaa.x': [2, 3, 1, 86_400_000] }],
    ['a phase that does not exist', { 'aaaa.x': [2, 9, 1, 5] }],
    ['a key with capital letters', { 'AAAA.x': [2, 3, 1, 5] }],
    ['a text for a number', { 'aaaa.x': ['2', 3, 1, 5] }],
    ['a number below nothing', { 'aaaa.x': [2, 3, 1, -5] }],
  ])('leave out %s', (_what, breakers) => {
    const json = { ...overWire(writeHead(emptyHead, 0)), breakers };
    expect(readHead(json, 0)?.breakers.size).toBe(0);
  });

  test.each([
    ['of another layout', { v: 2 }],
    ['without a name', { instance: 7 }],
    ['with a name of many lines', { instance: 'a\nb' }],
    ['with a number that has no next', { seq: 2 ** 53 }],
  ])('%s are none', (_what, wrong) => {
    expect(readHead({ ...overWire(writeHead(emptyHead, 0)), ...wrong }, 0)).toBeUndefined();
  });

  test('name a peer as a backend at the same address is named', () => {
    const json = { ...overWire(writeHead(emptyHead, 0)), peer: 'http://GPU-Box:80' };
    expect(readHead(json, 0)?.peer).toBe('http://gpu-box');
  });

  test('name no peer at an address with credentials', () => {
    const json = { ...overWire(writeHead(emptyHead, 0)), peer: 'http://me:secret@box' };
    expect(readHead(json, 0)?.peer).toBeUndefined();
  });
});
