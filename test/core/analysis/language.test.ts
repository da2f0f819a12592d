import { describe, expect, test } from 'bun:test';
import { languageOf } from '../../../src/core/analysis/language.ts';

const sentences: Readonly<Record<string, string>> = {
  en: 'How do I change the oil of my bicycle chain?',
  de: 'Wie wechsle ich die Kette an meinem Fahrrad?',
  fr: 'Comment est-ce que je change la chaîne de mon vélo ?',
  es: '¿Cómo cambio la cadena de mi bicicleta?',
  it: 'Come si cambia la catena della mia bicicletta?',
  pt: 'Como eu troco a corrente da minha bicicleta?',
  nl: 'Hoe vervang ik de ketting van mijn fiets?',
  pl: 'Jak wymienić łańcuch w moim rowerze i co to jest?',
  ru: 'Как поменять цепь на велосипеде?',
  uk: 'Як замінити ланцюг на велосипеді і що для цього потрібно?',
  zh: '怎么给自行车换链条？',
  ja: '自転車のチェーンはどうやって交換しますか？',
  ko: '자전거 체인을 어떻게 교체하나요?',
  ar: 'كيف أغير سلسلة دراجتي؟',
  el: 'Πώς αλλάζω την αλυσίδα;',
  hi: 'मैं अपनी साइकिल की चेन कैसे बदलूँ?',
};

describe('the language of a text', () => {
  for (const [language, sentence] of Object.entries(sentences)) {
    test(`a sentence in ${language} is told`, () => {
      expect(languageOf(sentence).value).toBe(language);
    });
  }

  test('nothing tells of no words', () => {
    expect(languageOf('12 + 4 = ?')).toEqual({ value: 'und', confidence: 0 });
    expect(languageOf('').value).toBe('und');
  });
});
