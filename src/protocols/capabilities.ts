/** The capability words a listing may hold. May import spec. */

import { asArray, type Json } from '../spec/json.ts';
import { type Capability, capabilityNames } from '../spec/vocabulary.ts';

const capabilities: ReadonlySet<Json> = new Set<Capability>(capabilityNames);

/** The words that are known here, others left out; undefined where a listing says nothing. */
export const readCapabilities = (value: Json | undefined): readonly Capability[] | undefined =>
  asArray(value)?.filter((word): word is Capability => capabilities.has(word));
