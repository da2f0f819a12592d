import type { ModelSettings } from '../../src/spec/settings.ts';

/** A configured model with what a test changes. */
export const modelSettings = (
  changes: Partial<ModelSettings> & { readonly name: string },
): ModelSettings => ({
  aliases: [],
  names: {},
  localOnly: false,
  context: { buckets: [], allowedOptions: [] },
  ...changes,
});
