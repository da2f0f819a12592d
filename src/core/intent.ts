/** What a request wants of its placement, and the model it wants, where the name of the model may say both. Imports spec. */

import type { Json } from '../spec/json.ts';
import type { Intent } from '../spec/vocabulary.ts';
import { chosenName, nameIn } from './chosen-name.ts';

/** The intents, in the order they are shown. */
export const intentNames = ['fast', 'heavy'] as const satisfies readonly Intent[];

/** What a request says of its intent, each as it was sent. */
export interface IntentFacts {
  /** As asked, with a suffix if it has one. */
  readonly model: string;
  /** Whether a model of that name is known; asked only where the name ends in a suffix. */
  readonly exists: (model: string) => boolean;
  /** Whether `:fast` and `:heavy` behind a model's name are read. */
  readonly suffixes: 'on' | 'off';
  /** The member `intent` of the body. */
  readonly body: Json | undefined;
  /** The header `x-pointsman-intent`. */
  readonly header: string | null | undefined;
}

/** The model to place, and how. */
export interface Intended {
  readonly model: string;
  readonly intent: Intent;
}

const defaultIntent: Intent = 'fast';

interface Suffixed {
  readonly model: string;
  readonly intent: Intent;
}

/** The name without its suffix, where that names a model and the whole does not. */
const suffixed = ({ model, exists, suffixes }: IntentFacts): Suffixed | undefined => {
  if (suffixes === 'off') return undefined;
  const at = model.lastIndexOf(':');
  const intent = at < 1 ? undefined : nameIn(model.slice(at + 1), intentNames);
  if (intent === undefined || exists(model)) return undefined;
  const bare = model.slice(0, at);
  // What exists neither with nor without it stays as asked, so that the caller is told the name it sent.
  return exists(bare) ? { model: bare, intent } : undefined;
};

/** What is no text spells no name. */
const textOf = (value: Json): string => (typeof value === 'string' ? value : '');

/**
 * Body before header before suffix before `fast`: the body is what the caller wrote for this one request, headers are
 * often set once for a client, and the suffix is for those that can set neither. A model whose exact name ends in a
 * suffix is that model. Throws `invalid_request` for an unknown intent, wherever it stands.
 */
export const intended = (facts: IntentFacts): Intended => {
  const { body, header } = facts;
  const byBody = body == null ? undefined : chosenName(textOf(body), intentNames, 'intent');
  const byHeader = header == null ? undefined : chosenName(header, intentNames, 'x-pointsman-intent');
  const found = suffixed(facts);
  return {
    model: found?.model ?? facts.model,
    intent: byBody ?? byHeader ?? found?.intent ?? defaultIntent,
  };
};
