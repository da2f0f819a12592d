/** What the mock engine says in Google's dialect. */

export const geminiModel = 'bench-gemini';

const event = (candidate: object, more: object = {}): string =>
  `data: ${JSON.stringify({ candidates: [{ ...candidate, index: 0 }], ...more, modelVersion: geminiModel, responseId: 'r1' })}\r\n\r\n`;

export const geminiListing = JSON.stringify({
  models: [
    {
      name: `models/${geminiModel}`,
      displayName: geminiModel,
      inputTokenLimit: 1_000_000,
      supportedGenerationMethods: ['generateContent'],
    },
  ],
});

const text = (said: string): object => ({ content: { parts: [{ text: said }], role: 'model' } });

/** One token of a stream; counts come with each. */
export const geminiEvent = event(text(' token'), {
  usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 100, totalTokenCount: 112 },
});

/** The end of a stream, in one piece. */
export const geminiLast = event(
  { ...text(''), finishReason: 'STOP' },
  { usageMetadata: { promptTokenCount: 12, candidatesTokenCount: 200, totalTokenCount: 212 } },
);
