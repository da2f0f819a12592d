import { describe, expect, test } from 'bun:test';
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { FrameTooLarge } from '../../src/wire/frame-too-large.ts';
import { createSseFramer, encodeSse, encodeSseComment, type SseEvent } from '../../src/wire/sse.ts';
import { decodeUtf8, encodeUtf8 } from '../../src/wire/utf8.ts';
import { propertyRuns } from '../property-runs.ts';
import { chunkSizes, rechunk, runMachine } from './rechunk.ts';

const eventOf = ({ event, data }: SseEvent): SseEvent => (event === undefined ? { data } : { event, data });

const read = (...chunks: readonly (string | Uint8Array)[]): readonly SseEvent[] =>
  runMachine(
    createSseFramer(),
    chunks.map((chunk) => (typeof chunk === 'string' ? encodeUtf8(chunk) : chunk)),
  ).map(eventOf);

/** What the parser alone makes of the whole text, with the closing blank line that our end supplies. */
const readByParser = (text: string): readonly SseEvent[] => {
  const events: SseEvent[] = [];
  createParser({ onEvent: (event) => events.push(eventOf(event)) }).feed(`${text}\n\n`);
  return events;
};

describe('createSseFramer reads', () => {
  const oddities: readonly (readonly [string, string, readonly SseEvent[]])[] = [
    ['line feeds', 'data: a\n\ndata: b\n\n', [{ data: 'a' }, { data: 'b' }]],
    ['carriage returns with line feeds', 'data: a\r\n\r\ndata: b\r\n\r\n', [{ data: 'a' }, { data: 'b' }]],
    ['carriage returns alone', 'data: a\r\rdata: b\r\r', [{ data: 'a' }, { data: 'b' }]],
    [
      'line endings of all three kinds in one stream',
      'data: a\r\n\ndata: b\r\rdata: c\n\r\n',
      [{ data: 'a' }, { data: 'b' }, { data: 'c' }],
    ],
    ['a byte order mark', '\ufeffdata: a\n\n', [{ data: 'a' }]],
    ['a byte order mark inside the data', 'data: \ufeffa\n\n', [{ data: '\ufeffa' }]],
    ['no space after the colon', 'data:a\n\n', [{ data: 'a' }]],
    ['only one space taken after the colon', 'data:  a\n\n', [{ data: ' a' }]],
    ['data on several lines', 'data: a\ndata:\ndata: b\n\n', [{ data: 'a\n\nb' }]],
    ['an event name', 'event: error\ndata: a\n\ndata: b\n\n', [{ event: 'error', data: 'a' }, { data: 'b' }]],
    [
      'several fields with carriage returns',
      'event: x\r\ndata: a\r\ndata: b\r\n\r\n',
      [{ event: 'x', data: 'a\nb' }],
    ],
    ['an event name behind its data', 'data: a\nevent: error\n\n', [{ event: 'error', data: 'a' }]],
    ['comment pings between events', ': ping\n\n:\n\ndata: a\n\n: ping\n\n', [{ data: 'a' }]],
    ['a comment inside an event', 'event: x\n: ping\ndata: a\n\n', [{ event: 'x', data: 'a' }]],
    [
      'ids, retry hints and unknown fields',
      'id: 1\nretry: 10\nretry: x\nfoo: y\ndata: a\n\n',
      [{ data: 'a' }],
    ],
    ['an empty data line', 'data:\n\n', [{ data: '' }]],
    ['an event without data', 'event: ping\n\ndata: a\n\n', [{ data: 'a' }]],
    ['many blank lines', '\n\n\ndata: a\n\n\n\n\ndata: b\n\n\n', [{ data: 'a' }, { data: 'b' }]],
    [
      'the end mark of OpenAI',
      'data: {"a":1}\n\ndata: [DONE]\n\n',
      [{ data: '{"a":1}' }, { data: '[DONE]' }],
    ],
    ['a last event without its blank line', 'data: a\n\ndata: b\n', [{ data: 'a' }, { data: 'b' }]],
    [
      'a last line without its line break',
      'data: a\n\nevent: x\ndata: b',
      [{ data: 'a' }, { event: 'x', data: 'b' }],
    ],
    ['a last carriage return', 'data: a\r', [{ data: 'a' }]],
    ['a body that is no event stream', '{"error":"no"}', []],
    ['nothing', '', []],
  ];

  test.each(oddities)('%s', (_name, text, events) => {
    expect(read(text)).toEqual(events);
  });

  test.each(oddities)('%s, split at every byte', (_name, text, events) => {
    const bytes = encodeUtf8(text);
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual(events);
    }
  });

  test.each(oddities)('%s, byte by byte with empty chunks between', (_name, text, events) => {
    const chunks = [...encodeUtf8(text)].flatMap((byte) => [new Uint8Array([byte]), new Uint8Array(0)]);
    expect(read(...chunks)).toEqual(events);
  });

  test('a character split at every byte', () => {
    const bytes = encodeUtf8('data: é€😀\n\n');
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(read(bytes.subarray(0, cut), bytes.subarray(cut))).toEqual([{ data: 'é€😀' }]);
    }
  });

  test('bytes that are not UTF-8 as replacement characters', () => {
    expect(
      read(new Uint8Array([...encodeUtf8('data: a'), 0xf0, 0x9f, ...encodeUtf8('\n\ndata: b\n\n')])),
    ).toEqual([{ data: 'a\ufffd' }, { data: 'b' }]);
  });
});

describe('createSseFramer', () => {
  test('an event is given with the chunk that ends it, not later', () => {
    const framer = createSseFramer();
    expect(framer.push(encodeUtf8('data: a\n'))).toEqual([]);
    expect(framer.push(encodeUtf8('\n')).map(eventOf)).toEqual([{ data: 'a' }]);
    expect(framer.end()).toEqual([]);
  });

  test('the caller may overwrite a chunk after it was pushed', () => {
    const framer = createSseFramer();
    const chunk = encodeUtf8('data: a');
    framer.push(chunk);
    chunk.fill(0x78);
    expect(framer.push(encodeUtf8('b\n\n')).map(eventOf)).toEqual([{ data: 'ab' }]);
  });

  test('any chunking gives what the parser makes of the whole text', () => {
    const piece = fc.constantFrom(
      ...[
        'data: ',
        'data:',
        'data',
        'event: x',
        'event:',
        ': ping',
        'id: 1',
        'retry: 5',
        'é€😀',
        '{"a":1}',
        ' ',
        '\ufeff',
      ],
      ...['\n', '\n', '\n\n', '\r\n', '\r\n\r\n', '\r', 'data: {"a":1}\n\n', 'data: [DONE]\n\n'],
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), chunkSizes, (pieces, sizes) => {
        const text = pieces.join('');
        const events = runMachine(createSseFramer(), rechunk(encodeUtf8(text), sizes)).map(eventOf);
        expect(events).toEqual([...readByParser(text.replace(/^\ufeff/, ''))]);
      }),
      { numRuns: propertyRuns },
    );
  });

  test('any chunking of any bytes gives the events of one chunk', () => {
    const byte = fc.constantFrom(...encodeUtf8('data: \n\n\r:evnt'), 0xc3, 0xa9, 0xf0, 0xff, 0x00);
    fc.assert(
      fc.property(fc.array(byte, { maxLength: 80 }), chunkSizes, (bytes, sizes) => {
        const whole = new Uint8Array(bytes);
        expect(runMachine(createSseFramer(), rechunk(whole, sizes))).toEqual([
          ...runMachine(createSseFramer(), [whole]),
        ]);
      }),
      { numRuns: propertyRuns },
    );
  });
});

describe('the limit of createSseFramer', () => {
  const framer = () => createSseFramer({ maxEventBytes: 100 });

  test('8 MiB pass and one byte more does not', () => {
    const whole = new Uint8Array(8 * 1024 * 1024 - 2).fill(0x61);
    whole.set(encodeUtf8('data: '));
    const open = createSseFramer();
    expect(open.push(whole)).toEqual([]);
    open.push(encodeUtf8('aa'));
    expect(() => open.push(encodeUtf8('a'))).toThrow(FrameTooLarge);
  });

  test('a line that never ends trips it, whatever the chunks', () => {
    const open = framer();
    open.push(encodeUtf8(`data: ${'x'.repeat(90)}`));
    expect(() => open.push(encodeUtf8('xxxxx'))).toThrow(FrameTooLarge);
    expect(() => framer().push(encodeUtf8(`data: ${'x'.repeat(100)}`))).toThrow(FrameTooLarge);
  });

  test('an event of many short lines trips it, whatever the chunks', () => {
    const line = encodeUtf8(`data: ${'x'.repeat(40)}\n`);
    const open = framer();
    open.push(line);
    open.push(line);
    expect(() => open.push(line)).toThrow(FrameTooLarge);
    expect(() => framer().push(encodeUtf8(`data: ${'x'.repeat(40)}\n`.repeat(3)))).toThrow(FrameTooLarge);
  });

  test('a whole event in one chunk trips it as well', () => {
    expect(() => framer().push(encodeUtf8(`data: ${'x'.repeat(101)}\n\n`))).toThrow(FrameTooLarge);
    expect(() => framer().push(encodeUtf8(`${`data: ${'x'.repeat(40)}\n`.repeat(3)}\n`))).toThrow(
      FrameTooLarge,
    );
  });

  test('events before the long one are given first', () => {
    const open = framer();
    expect(open.push(encodeUtf8(`data: a\n\ndata: ${'x'.repeat(200)}`)).map(eventOf)).toEqual([
      { data: 'a' },
    ]);
    expect(() => open.push(encodeUtf8('\n\n'))).toThrow(FrameTooLarge);
    expect(() => open.end()).toThrow(FrameTooLarge);
  });

  test('nothing is read on after it tripped', () => {
    const open = framer();
    expect(() => open.push(encodeUtf8('x'.repeat(200)))).toThrow(FrameTooLarge);
    expect(() => open.push(encodeUtf8('\n\ndata: a\n\n'))).toThrow(FrameTooLarge);
    expect(() => open.end()).toThrow(FrameTooLarge);
  });

  test('pings without number never trip it', () => {
    const open = framer();
    for (let count = 0; count < 1000; count += 1) expect(open.push(encodeUtf8(': ping\n\n'))).toEqual([]);
    expect(open.push(encodeUtf8('data: a\n\n')).map(eventOf)).toEqual([{ data: 'a' }]);
  });

  test('a chunk of many events may be longer than the limit', () => {
    expect(framer().push(encodeUtf8('data: a\n\n'.repeat(100)))).toHaveLength(100);
  });
});

describe('encodeSse and encodeSseComment', () => {
  test('an event with and without a name', () => {
    expect(decodeUtf8(encodeSse('{"a":1}'))).toBe('data: {"a":1}\n\n');
    expect(decodeUtf8(encodeSse('{"a":1}', 'error'))).toBe('event: error\ndata: {"a":1}\n\n');
  });

  test('a line break in data or name cannot end the field', () => {
    expect(decodeUtf8(encodeSse('{\r\n"a":1}', 'x\ndata: y'))).toBe('event: x data: y\ndata: { "a":1}\n\n');
  });

  test('a comment is one line, and no event', () => {
    expect(decodeUtf8(encodeSseComment('ping\n\ndata: x'))).toBe(': ping data: x\n\n');
    expect(read(encodeSseComment('ping'), encodeSse('a'))).toEqual([{ data: 'a' }]);
  });

  test('what was encoded is read back', () => {
    fc.assert(
      fc.property(
        fc.json(),
        fc.option(fc.constantFrom('message_start', 'error'), { nil: undefined }),
        (data, event) => {
          expect(read(encodeSse(data, event))).toEqual([
            eventOf(event === undefined ? { data } : { event, data }),
          ]);
        },
      ),
      { numRuns: propertyRuns },
    );
  });
});
