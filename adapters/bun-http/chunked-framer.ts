/** Takes a chunked body apart. Pure; imports the error of this folder. */

import { ExchangeError } from './exchange-error.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const semicolon = 0x3b;
const space = 0x20;
const tab = 0x09;

/** More than any body has, and still an exact number. */
const sizeDigitsLimit = 12;
/** What the extensions of one chunk may take, and all trailers together. */
const ignoredBytesLimit = 65_536;

/** What the next byte belongs to. */
type Place =
  | 'size'
  | 'extension'
  | 'size-feed'
  | 'data'
  | 'data-return'
  | 'data-feed'
  | 'trailer-line'
  | 'trailer'
  | 'trailer-feed'
  | 'last-feed'
  | 'done';

const broken = (): ExchangeError =>
  new ExchangeError('Malformed_HTTP_Response', 'the chunks of the answer are broken');

const digitOf = (byte: number): number => {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
};

const only = (byte: number, expected: number, next: Place): Place => {
  if (byte !== expected) throw broken();
  return next;
};

/** A framer for chunks: extensions and trailers are read over, bare line feeds refused. */
export const createChunkedFramer = () => {
  let place: Place = 'size';
  let leftBytes = 0;
  let sizeDigits = 0;
  let ignoredBytes = 0;
  let hasSurplus = false;

  const readSize = (byte: number): Place => {
    const digit = digitOf(byte);
    if (digit >= 0 && sizeDigits < sizeDigitsLimit) {
      leftBytes = leftBytes * 16 + digit;
      sizeDigits += 1;
      return 'size';
    }
    if (sizeDigits === 0) throw broken();
    if (byte === carriageReturn) return 'size-feed';
    if (byte !== semicolon && byte !== space && byte !== tab) throw broken();
    return 'extension';
  };

  const readOver = (byte: number, same: Place, next: Place): Place => {
    ignoredBytes += 1;
    if (byte === lineFeed || ignoredBytes > ignoredBytesLimit) throw broken();
    return byte === carriageReturn ? next : same;
  };

  const endSize = (byte: number): Place => {
    sizeDigits = 0;
    ignoredBytes = 0;
    return only(byte, lineFeed, leftBytes === 0 ? 'trailer-line' : 'data');
  };

  const step = (byte: number): Place => {
    switch (place) {
      case 'size':
        return readSize(byte);
      case 'extension':
        return readOver(byte, 'extension', 'size-feed');
      case 'size-feed':
        return endSize(byte);
      case 'data-return':
        return only(byte, carriageReturn, 'data-feed');
      case 'data-feed':
        return only(byte, lineFeed, 'size');
      case 'trailer-line':
        return byte === carriageReturn ? 'last-feed' : readOver(byte, 'trailer', 'trailer-feed');
      case 'trailer':
        return readOver(byte, 'trailer', 'trailer-feed');
      case 'trailer-feed':
        return only(byte, lineFeed, 'trailer-line');
      default:
        return only(byte, lineFeed, 'done');
    }
  };

  return {
    /** Several chunks are moved together, so that the reader is woken once for what came at once. */
    push(bytes: Uint8Array): Uint8Array {
      let begin = 0;
      let end = 0;
      let at = 0;
      while (at < bytes.length && place !== 'done') {
        if (place === 'data') {
          const taken = Math.min(leftBytes, bytes.length - at);
          if (end === 0) begin = at;
          else bytes.copyWithin(end, at, at + taken);
          end = (end === 0 ? at : end) + taken;
          at += taken;
          leftBytes -= taken;
          if (leftBytes === 0) place = 'data-return';
        } else {
          place = step(bytes[at] ?? 0);
          at += 1;
        }
      }
      hasSurplus = at < bytes.length;
      return bytes.subarray(begin, end);
    },
    get isDone(): boolean {
      return place === 'done';
    },
    get hasSurplus(): boolean {
      return hasSurplus;
    },
  };
};
