/** What a simulated engine takes for a token: a word with the space before it, or a piece of a long word. */

const longestToken = 12;

/** Counts tokens in one pass, because a prompt may be megabytes long. */
export const countTokens = (text: string, end = text.length): number => {
  let tokens = 0;
  let wordLength = 0;
  for (let index = 0; index < end; index++) {
    const code = text.charCodeAt(index);
    if (code === 32 || code === 10 || code === 9 || code === 13) {
      wordLength = 0;
      continue;
    }
    if (wordLength === 0 || wordLength === longestToken) {
      tokens++;
      wordLength = 0;
    }
    wordLength++;
  }
  return tokens;
};

/** Cuts a text into tokens whose concatenation is the text again, never through a surrogate pair. */
export const splitTokens = (text: string): readonly string[] => text.match(/\s*\S{1,12}|\s+$/gu) ?? [];

/** How many tokens two texts share from their start. */
export const sharedTokens = (first: string, second: string): number => {
  const end = Math.min(first.length, second.length);
  let index = 0;
  while (index < end && first.charCodeAt(index) === second.charCodeAt(index)) index++;
  return index === 0 ? 0 : countTokens(first, index);
};
