import { describe, expect, test } from 'bun:test';
import { scanJson } from '../../src/wire/json-scan.ts';
import { createNdjsonFramer } from '../../src/wire/ndjson.ts';
import { spliceJson } from '../../src/wire/splice.ts';
import { createSseFramer } from '../../src/wire/sse.ts';
import { encodeUtf8 } from '../../src/wire/utf8.ts';

/** How far a native search walked. */
const distance = (found: number, from: number, length: number): number =>
  (found === -1 ? length : found + 1) - from;

/** The bytes, and how many of them were looked at: one by one, by native search, or by taking a part. */
const watched = (bytes: Uint8Array) => {
  let looked = 0;
  const indexOf = (byte: number, from = 0): number => {
    const found = bytes.indexOf(byte, from);
    looked += distance(found, from, bytes.length);
    return found;
  };
  const subarray = (start = 0, end = bytes.length): Uint8Array => {
    looked += end - start;
    return bytes.subarray(start, end);
  };
  const proxy = new Proxy(bytes, {
    get: (target, key) => {
      if (key === 'indexOf') return indexOf;
      if (key === 'subarray') return subarray;
      if (key !== 'length') looked += 1;
      return Reflect.get(target, key, target);
    },
  });
  return { proxy, looked: () => looked };
};

const limits = { maxDepth: 64, longStringBytes: 1000 };

describe('the work of a scan grows with the length of the body, however the body is made', () => {
  const bodies: readonly (readonly [string, string])[] = [
    ['one long string', `{"a":"${'x'.repeat(50_000)}"}`],
    ['backslashes only', `{"a":"${'\\\\'.repeat(25_000)}"}`],
    ['escaped quotes only', `{"a":"${'\\"'.repeat(25_000)}"}`],
    ['runs of backslashes before quotes', `{"a":"${'\\\\\\\\\\"'.repeat(10_000)}"}`],
    ['a string without an end', `{"a":"${'\\"'.repeat(25_000)}`],
    ['short strings only', `{"a":[${'"b",'.repeat(12_000)}1]}`],
    ['long strings with escapes behind them', `{"a":["${`${'x'.repeat(2000)}","`.repeat(20)}\\n"]}`],
    ['brackets only', `{"a":[${'[],'.repeat(16_000)}1]}`],
    ['many members', `{${'"b":1,'.repeat(8_000)}"a":1}`],
  ];

  test.each(bodies)('%s', (_name, text) => {
    const bytes = encodeUtf8(text);
    const scanned = watched(bytes);
    scanJson(scanned.proxy, limits);
    expect(scanned.looked()).toBeGreaterThan(0);
    expect(scanned.looked()).toBeLessThan(3 * bytes.length);

    const spliced = watched(bytes);
    spliceJson(spliced.proxy, [{ path: ['model'], value: 'm' }]);
    expect(spliced.looked()).toBeLessThan(6 * bytes.length);
  });
});

describe('the work of a framer grows with the length of the stream, however small the chunks', () => {
  /** How many bytes are copied and decoded while `run` runs. */
  const countMoved = (run: () => void): number => {
    const { set } = Uint8Array.prototype;
    const { decode } = TextDecoder.prototype;
    let moved = 0;
    Uint8Array.prototype.set = function (this: Uint8Array, source: ArrayLike<number>, offset?: number) {
      moved += source.length;
      set.call(this, source, offset);
    };
    TextDecoder.prototype.decode = function (
      this: TextDecoder,
      ...[input, options]: Parameters<typeof decode>
    ) {
      moved += input?.byteLength ?? 0;
      return decode.call(this, input, options);
    };
    try {
      run();
    } finally {
      Uint8Array.prototype.set = set;
      TextDecoder.prototype.decode = decode;
    }
    return moved;
  };

  const lineBytes = 1_000_000;
  const chunk = new Uint8Array(7).fill(0x78);

  test.each([
    ['NDJSON', createNdjsonFramer, '\n'],
    ['SSE', createSseFramer, '\n\n'],
  ] as const)('a line of a million bytes in chunks of seven, %s', (_name, create, end) => {
    const framer = create();
    const moved = countMoved(() => {
      framer.push(encodeUtf8('data: '));
      for (let sent = 0; sent < lineBytes; sent += chunk.length) framer.push(chunk);
      expect(framer.push(encodeUtf8(end))).toHaveLength(1);
    });
    expect(moved).toBeGreaterThan(2 * lineBytes);
    expect(moved).toBeLessThan(5 * lineBytes);
  });

  test('many short lines in one chunk are moved once', () => {
    const lines = encodeUtf8('{"a":1}\n'.repeat(10_000));
    expect(countMoved(() => createNdjsonFramer().push(lines))).toBe(lines.length);
  });

  test.each(['\r', '\n', '\r\n'])('events that end in %j are searched once', (lineBreak) => {
    const text = `data: x${lineBreak}${lineBreak}`.repeat(3000);
    const bytes = encodeUtf8(text);
    const { indexOf } = String.prototype;
    let looked = 0;
    String.prototype.indexOf = function (this: string, search: string, from = 0) {
      const found = indexOf.call(this, search, from);
      looked += distance(found, from, this.length);
      return found;
    };
    try {
      const framer = createSseFramer();
      framer.push(bytes);
      framer.end();
    } finally {
      String.prototype.indexOf = indexOf;
    }
    expect(looked).toBeGreaterThan(0);
    expect(looked).toBeLessThan(5 * bytes.length);
  });
});
