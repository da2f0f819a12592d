import { describe, expect, test } from 'bun:test';
import { fetchableImage } from '../../src/core/egress.ts';

const patterns = ['images.example', '*.cdn.example', '10.0.0.7', 'box.internal:8443', '*.internal'];

describe('an image is fetched', () => {
  test.each([
    'https://images.example/a.png?b=c',
    'https://IMAGES.example./a.png',
    'https://a.b.cdn.example/x',
    'https://10.0.0.7/near.png',
    'https://box.internal:8443/a.png',
  ])('from a host that is named: %s', (url) => {
    expect(fetchableImage(url, patterns)).toBe(new URL(url).href);
  });

  test.each([
    'http://images.example/a.png',
    'https://images.example.evil.example/a.png',
    'https://evil.example/https://images.example/',
    'https://images.example@evil.example/a.png',
    'https://user:password@images.example/a.png',
    'https://images.example:8443/a.png',
    'https://cdn.example/a.png',
    'https://evilcdn.example/a.png',
    'https://169.254.169.254/latest/meta-data',
    'https://2852039166/latest',
    'https://0x7f.1/',
    'https://[::1]/',
    'https://[::ffff:a9fe:a9fe]/',
    'https://localhost/',
    'https://db.internal/',
    'file:///etc/passwd',
    'data:image/png;base64,AAAA',
    'no url',
    '',
  ])('from nowhere else: %s', (url) => {
    expect(fetchableImage(url, patterns)).toBeUndefined();
  });

  test('from nowhere where nothing is configured', () => {
    expect(fetchableImage('https://images.example/a.png', [])).toBeUndefined();
  });
});
