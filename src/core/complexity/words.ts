/** Words and phrases that tell something of a prompt whatever it is about. Pure; imports nothing. */

/** Words that turn a sentence round: each has to be heeded for an answer to be right. */
const negations =
  'not no never none except without neither nor false wrong incorrect cannot nicht kein keine keiner nie niemals ohne weder falsch außer pas jamais sans ni aucun aucune sauf faux nunca sin ninguno ninguna excepto falso incorrecto не нет никогда без ни кроме неверно ложно';

/** Judgements that stand together in one answer: `true, false`, `wrong, not wrong`. */
const judgements =
  'true false wrong right not yes no correct incorrect richtig falsch nicht ja nein vrai faux oui non verdadero falso sí верно неверно да нет';

/** Words of those who want a program written or mended, which strong models do better by far. */
const programming =
  'function python program javascript typescript java sql regex algorithm implement compile kotlin funktion algorithmus fonction algorithme función algoritmo функция функцию алгоритм';

/** Words of answers that join others. */
const joining = 'both neither ii iii iv';

const hashOf = (word: string): number => {
  let hash = 0;
  for (let index = 0; index < word.length; index += 1)
    hash = Math.imul(hash ^ word.charCodeAt(index), 0x01000193);
  return hash;
};

const longest = 12;
const kinds = new Map<number, number>();
const sieve = new Uint8Array(1024);

const add = (words: string, kind: number): void => {
  for (const word of words.split(' ')) {
    const hash = hashOf(word);
    kinds.set(hash, (kinds.get(hash) ?? 0) | kind);
    sieve[hash & 1023] = 1;
  }
};

/** 1: a negation, 2: a judgement, 4: joins answers, 8: of programs; sums of them, or 0. `hash` is that of the reader. */
export const wordKind = (hash: number, length: number): number =>
  length > longest || sieve[hash & 1023] === 0 ? 0 : (kinds.get(hash) ?? 0);

/** What is put before a prompt of any kind and says nothing of it; compared from the beginning of a sentence. */
const additives: readonly string[] = [
  'you are a ',
  'you are an ',
  'you are chatgpt',
  'you are the ',
  "you're a ",
  "you're an ",
  'your answers should',
  'your answer should',
  'your responses should',
  'act as a',
  'as an ai',
  'as a helpful',
  'please answer',
  'please think',
  'please read',
  'please be ',
  'please respond',
  'please provide a',
  'answer the following',
  'answer the question',
  'always answer',
  'always respond',
  'be helpful',
  'be concise',
  'follow the instructions',
  'follow these',
  "let's think",
  'lets think',
  'think step by step',
  'think carefully',
  'take a deep breath',
  'take your time',
  'make sure ',
  'do not mention',
  'do not reveal',
  'if you do not know',
  "if you don't know",
  'du bist ein',
  'bitte antworte',
  'denk schritt für schritt',
  'tu es un',
  'réponds à',
  'eres un',
  'responde a',
  'ты — ',
  '你是一',
];

const keyOf = (first: number, second: number): number => first * 65536 + second;

const byBeginning = new Map<number, string[]>();

/** Fills the tables where they are not filled yet: only those who score have to pay for them. */
export const prepareWords = (): void => {
  if (kinds.size > 0) return;
  add(negations, 1);
  add(judgements, 2);
  add(joining, 4);
  add(programming, 8);
  for (const additive of additives) {
    const key = keyOf(additive.charCodeAt(0), additive.charCodeAt(1));
    byBeginning.set(key, [...(byBeginning.get(key) ?? []), additive]);
  }
};

const startsWith = (units: Uint16Array, start: number, words: string): boolean => {
  for (let index = 0; index < words.length; index += 1)
    if (units[start + index] !== words.charCodeAt(index)) return false;
  return true;
};

/** Whether the sentence that begins there is one of those; behind the text stands a unit that is no character. */
export const isAdditive = (units: Uint16Array, start: number): boolean => {
  let from = start;
  while ((units[from] ?? 33) <= 32) from += 1;
  const possible = byBeginning.get(keyOf(units[from] ?? 0, units[from + 1] ?? 0));
  return possible?.some((additive) => startsWith(units, from, additive)) ?? false;
};
