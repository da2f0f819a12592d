import { describe, expect, test } from 'bun:test';
import { normalisedUrl } from '../../../src/config/backend-url.ts';
import { peerAddress } from '../../../src/core/cluster/peer-address.ts';

describe('where an instance says it is reached', () => {
  test.each([
    'http://box:5010',
    'http://GPU-Box:5010',
    'http://box:80',
    'https://box:443',
    'http://[::1]:5010',
  ])('%s is written as the address of a backend is, so that both are known for one', (text) => {
    expect(peerAddress(text)).toBe(normalisedUrl(text));
  });

  test.each([
    'http://me:secret@box',
    'http://box/path',
    'http://box?a',
    'ftp://box',
    'http://',
    'http://[',
    'box',
  ])('%s is no such address', (text) => {
    expect(peerAddress(text)).toBeUndefined();
  });
});
