/** The oldest way to tell a hard prompt: words of a list. Kept to compare with; nothing decides by it. Pure. */

const keywords: readonly string[] = [
  'analyze',
  'complex',
  'detailed',
  'comprehensive',
  'code',
  'algorithm',
  'reasoning',
  'multi-step',
];

/** From this share of the list on a prompt was taken to be hard. */
export const keywordThreshold = 0.7;

/** The share of the list that a prompt holds, in 0..1. */
export const keywordShare = (prompt: string): number => {
  const text = prompt.toLowerCase();
  return keywords.filter((keyword) => text.includes(keyword)).length / keywords.length;
};
