/** Prose from a small grammar: the same for a seed, readable enough to watch, and with letters beyond ASCII in it. */

import type { Random } from '../spec/ports.ts';

const subjects = [
  'the router',
  'a quiet host',
  'the second lane',
  'every token',
  'the café at the corner',
  'a naïve cache',
  'the old scheduler',
  'Zoë',
  'the long prompt',
  'a warm model',
  '東京の朝',
  'the night shift',
];
const verbs = [
  'waits for',
  'remembers',
  'hands over',
  'finds',
  'carries',
  'measures',
  'forgets',
  'listens to',
  'answers',
  'überholt',
];
const objects = [
  'the next request',
  'a shorter path',
  'the first light',
  'one more stream',
  'the smörgåsbord of options',
  'an empty slot',
  'half of the weights',
  'a letter from Łódź',
  'the reply 🙂',
  'what was asked',
  'a garden → the sea',
  'its own echo',
];
const endings = [
  'before noon',
  'without a word',
  'as it should',
  'at 20 °C',
  'and then rests',
  'for a while',
  'in order',
  'once again',
];

const pick = (list: readonly string[], random: Random): string =>
  list[Math.floor(random() * list.length)] ?? '';

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

const sentence = (random: Random): string =>
  `${capital(pick(subjects, random))} ${pick(verbs, random)} ${pick(objects, random)}${
    random() < 0.5 ? ` ${pick(endings, random)}` : ''
  }.`;

/** Exactly `words` space-separated words, the opening ones included. */
export const generateText = (opening: string, words: number, random: Random): string => {
  const list = opening === '' ? [] : opening.split(' ');
  while (list.length < words) list.push(...sentence(random).split(' '));
  return list.slice(0, words).join(' ');
};
