/** Documents out of a store: opened, read, or passed over and counted. Imports core. */

import type { Body, Head } from '../core/cluster/document.ts';
import { readBody, readHead } from '../core/cluster/read-document.ts';
import type { JsonObject } from '../spec/json.ts';
import type { Millis } from '../spec/vocabulary.ts';
import { bodyKey, headKey, instanceKey } from './document-keys.ts';
import type { Ignored, Seal } from './envelope.ts';

export interface DocumentReader {
  /** The head of an instance; undefined where it is passed over. */
  head(of: string, text: string, now: Millis): Head | undefined;
  body(of: string, text: string, now: Millis): Body | undefined;
  /** Counts one that is passed over. */
  ignore(reason: Ignored): undefined;
  ignored(): ReadonlyMap<Ignored, number>;
}

const mostNames = 1_000;
/** Who sealed a document and its code stand in its first characters. */
const markLength = 64;
/** A head and a body for each of 256 instances. */
const mostPassed = 512;

/** `first` is called for the first of each reason. */
export const createDocumentReader = (seal: Seal, first: (reason: Ignored) => void): DocumentReader => {
  const counts = new Map<Ignored, number>();
  /** What the instance with a key is called, as its head showed. */
  const names = new Map<string, string>();

  const isOf = (of: string, instance: string): boolean => {
    if (names.get(of) === instance) return true;
    if (instanceKey(instance) !== of) return false;
    if (names.size >= mostNames) names.clear();
    names.set(of, instance);
    return true;
  };

  /** The beginning of the last document at each key that was passed over. */
  const passed = new Map<string, string>();

  const ignore = (reason: Ignored): undefined => {
    const count = (counts.get(reason) ?? 0) + 1;
    counts.set(reason, count);
    if (count === 1) first(reason);
    return undefined;
  };

  /** The same document is read again and again for as long as it lies there, and counts once. */
  const passOver = (at: string, text: string, reason: Ignored): undefined => {
    const mark = `${text.length} ${text.slice(0, markLength)}`;
    if (passed.get(at) === mark) return undefined;
    if (passed.size >= mostPassed) passed.clear();
    passed.set(at, mark);
    return ignore(reason);
  };

  const opened = (at: string, text: string): JsonObject | undefined => {
    const result = seal.open(at, text);
    return 'ignored' in result ? passOver(at, text, result.ignored) : result.value;
  };

  return {
    head: (of, text, now) => {
      const json = opened(headKey(of), text);
      if (json === undefined) return undefined;
      const head = readHead(json, now);
      return head === undefined || !isOf(of, head.instance) ? passOver(headKey(of), text, 'garbage') : head;
    },
    body: (of, text, now) => {
      const json = opened(bodyKey(of), text);
      return json === undefined ? undefined : (readBody(json, now) ?? passOver(bodyKey(of), text, 'garbage'));
    },
    ignore,
    ignored: () => counts,
  };
};
