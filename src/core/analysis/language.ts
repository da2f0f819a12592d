/** In which language a text is written: by its script, then by its commonest words and letters. Pure; imports spec. */

import type { Judged } from '../../spec/analysis.ts';

/** Short words that stand in nearly every sentence of a language; those that several share count for each. */
const commonWords: Readonly<Record<string, string>> = {
  en: 'the of and to in is that it for you with this are was be have not what how from which can my does do please write would an if or by at i me your',
  de: 'der die das und ist ich nicht ein eine mit für auf den dem zu von wie was im es sich auch wird sind bitte mir aus dieser diese wir kann schreib welche wird bei einen einem einer oder wenn',
  fr: 'le la les de des et est une un que qui dans pour pas sur avec ce cette il je vous du au en ne plus mon moi quel quelle comment sont par tu fait son écris deux se nous',
  es: 'el la los las de y que en un una es no por con para se del al su lo qué cómo mi este esta más me son está cuál hay o tu escribe entre',
  it: 'il lo la gli le di e che un una è non per con del della sono come mi questo questa più si nel alla cosa dei ho quanto scrivi ma',
  pt: 'o a os as de e que um uma é não por com para do da em se mais como no na meu você são este esta qual dos eu isso escreva',
  nl: 'de het een en van is dat niet ik je met voor op te zijn wat hoe die in er maar aan ook naar bij om wordt deze schrijf kan',
  pl: 'i w na z nie się to jest że do jak czy co po dla od przez jestem mnie jego tego są napisz ale już tylko',
  sv: 'och att det är en ett som på inte för med jag av till den har hur vad kan om de du var skriv mig eller',
  tr: 've bir bu için ne mi mı ile de da nasıl var çok gibi daha olarak ben sen yaz değil ama kadar',
  cs: 'a v na je se že to s z do jak co pro ne ale by jsem si po který jsou napiš nebo není',
  ru: 'и в не на что с по как это он я к из у за то для но мы все так от же бы его при или если мне напиши какой сколько ли был',
  uk: 'і в не на що з як це та у до за для але від ми ви є його чи або якщо який мені напиши при був',
  bg: 'и в на не да за се от че е със това как по ще са но като какво напиши или ли',
};

const byWord = new Map<string, readonly string[]>();

/** Only those who leave their model open have to pay for the table. */
const prepareWords = (): void => {
  if (byWord.size > 0) return;
  for (const [language, words] of Object.entries(commonWords)) {
    for (const word of words.split(' ')) {
      const known = byWord.get(word) ?? [];
      if (!known.includes(language)) byWord.set(word, [...known, language]);
    }
  }
};

/** Letters that only one of the languages above has, or nearly. */
const letters: Readonly<Record<string, string>> = {
  ß: 'de',
  ä: 'de',
  ü: 'de',
  ñ: 'es',
  '¿': 'es',
  '¡': 'es',
  œ: 'fr',
  ê: 'fr',
  è: 'fr',
  ù: 'fr',
  ã: 'pt',
  õ: 'pt',
  ł: 'pl',
  ż: 'pl',
  ę: 'pl',
  ą: 'pl',
  å: 'sv',
  ğ: 'tr',
  ı: 'tr',
  ş: 'tr',
  ř: 'cs',
  ů: 'cs',
  ě: 'cs',
  ы: 'ru',
  э: 'ru',
  ё: 'ru',
  ї: 'uk',
  і: 'uk',
  є: 'uk',
};

/** Scripts that settle the language, as ranges of code units. */
const scripts: readonly (readonly [first: number, last: number, language: string])[] = [
  [0x3040, 0x30ff, 'ja'],
  [0xac00, 0xd7af, 'ko'],
  [0x1100, 0x11ff, 'ko'],
  [0x3400, 0x9fff, 'zh'],
  [0x0600, 0x06ff, 'ar'],
  [0x0590, 0x05ff, 'he'],
  [0x0900, 0x097f, 'hi'],
  [0x0980, 0x09ff, 'bn'],
  [0x0b80, 0x0bff, 'ta'],
  [0x0e00, 0x0e7f, 'th'],
  [0x0370, 0x03ff, 'el'],
  [0x10a0, 0x10ff, 'ka'],
  [0x0530, 0x058f, 'hy'],
];

/** So much of a text tells its language. */
const readCharacters = 500;

const nothing: Judged<string> = { value: 'und', confidence: 0 };

const add = (votes: Map<string, number>, language: string, weight: number): void => {
  votes.set(language, (votes.get(language) ?? 0) + weight);
};

/** The language of a script, where most letters are of one that settles it. */
const byScript = (text: string): Judged<string> | undefined => {
  const votes = new Map<string, number>();
  let counted = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x370) {
      if ((code | 32) >= 97 && (code | 32) <= 122) counted += 0.25;
      continue;
    }
    const script = scripts.find(([first, last]) => code >= first && code <= last);
    if (script !== undefined) add(votes, script[2], 1);
    counted += 1;
  }
  const japanese = votes.get('ja') ?? 0;
  // Japanese is written with Chinese characters between its own letters.
  if (japanese > 0 && japanese * 8 > (votes.get('zh') ?? 0)) add(votes, 'ja', votes.get('zh') ?? 0);
  const [best] = [...votes].sort(([, left], [, right]) => right - left);
  if (best === undefined || best[1] * 3 < counted) return undefined;
  return { value: best[0], confidence: Math.min(1, best[1] / counted) };
};

/** The language of a text, `und` where nothing tells. Reads the beginning only. */
export const languageOf = (whole: string): Judged<string> => {
  const text = whole.slice(0, readCharacters);
  const script = byScript(text);
  if (script !== undefined) return script;
  prepareWords();
  const votes = new Map<string, number>();
  const lower = text.toLowerCase();
  let words = 0;
  for (const [word] of lower.matchAll(/\p{L}+/gu)) {
    words += 1;
    const languages = byWord.get(word);
    if (languages === undefined) continue;
    for (const language of languages) add(votes, language, 1 / languages.length);
  }
  for (const character of lower) {
    const language = letters[character];
    if (language !== undefined) add(votes, language, 0.5);
  }
  const [best, second] = [...votes].sort(([, left], [, right]) => right - left);
  if (best === undefined) {
    const isLatin = words > 0 && /[a-z]/.test(lower);
    return isLatin ? { value: 'en', confidence: 0.2 } : nothing;
  }
  const lead = (best[1] - (second?.[1] ?? 0)) / best[1];
  const evidence = best[1] / (best[1] + 1);
  return { value: best[0], confidence: Math.round(lead * evidence * 1000) / 1000 };
};
