/** Hand-written wire files, each named by what is odd about it. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { JsonObject } from '../../src/spec/json.ts';
import type { ProtocolId } from '../../src/spec/vocabulary.ts';

/** One file. */
export interface Fixture {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** The folders of a dialect. */
export type FixtureKind = 'streams' | 'broken' | 'wholes' | 'chat' | 'complete' | 'embed';

/** None where a dialect has no such thing. `streams` end as they should, `broken` do not, `wholes` are answers in one piece, the rest are requests. */
export const fixtures = (protocol: ProtocolId, kind: FixtureKind): readonly Fixture[] => {
  const folder = new URL(`../fixtures/${protocol}/${kind}/`, import.meta.url);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .sort()
    .map((file) => ({
      name: file.slice(0, file.lastIndexOf('.')),
      bytes: new Uint8Array(readFileSync(new URL(file, folder))),
    }));
};

/** A fixture that holds one JSON object. */
export const bodyOf = ({ bytes }: Fixture): JsonObject => JSON.parse(new TextDecoder().decode(bytes));
