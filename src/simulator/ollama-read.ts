/** Reading a body either succeeds or ends in the answer Ollama would give. */

import type { Json } from '../spec/json.ts';
import type { Refusal } from './exchange.ts';
import { ollamaError } from './ollama-surface.ts';

/** What was read, or what the caller is told instead. */
export type Read<T> = { readonly ask: T } | { readonly refusal: Refusal };

/** What reading gives when the body is refused. */
export const refuse = (status: number, text: string): { readonly refusal: Refusal } => ({
  refusal: ollamaError(status, text),
});

/** What Go's decoder calls a JSON value in its complaints. */
export const goTypeOf = (value: Json): string => {
  if (typeof value === 'boolean') return 'bool';
  if (Array.isArray(value)) return 'array';
  return typeof value === 'object' ? 'object' : typeof value;
};
