import { expect, test } from 'bun:test';
import { parseListen } from '../../src/config/listen.ts';

const good: readonly (readonly [text: string, hostname: string, port: number])[] = [
  ['127.0.0.1:5010', '127.0.0.1', 5010],
  ['0.0.0.0:0', '0.0.0.0', 0],
  ['localhost:65535', 'localhost', 65_535],
  ['gpu-box.lan:80', 'gpu-box.lan', 80],
  ['[::1]:5010', '::1', 5010],
  ['[::ffff:127.0.0.1]:1', '::ffff:127.0.0.1', 1],
];
for (const [text, hostname, port] of good) {
  test(`${text} is a host and a port`, () => {
    expect(parseListen(text)).toEqual({ hostname, port });
  });
}

for (const text of [
  '',
  '5010',
  ':5010',
  'localhost',
  'localhost:',
  'h:65536',
  'h:-1',
  '::1:5010',
  'http://h:1',
  'h:1/x',
  'h :1',
]) {
  test(`"${text}" is refused as an address to listen on`, () => {
    expect(parseListen(text)).toBeUndefined();
  });
}
