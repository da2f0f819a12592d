/** Pointsman as it runs in real life: a configuration file with a few backends, and everything else as it comes. */

import { geminiModel } from './mock-gemini.ts';
import { ollamaModel } from './mock-ollama.ts';
import { openAiModel } from './mock-openai.ts';

/** More slots than the benchmark has clients: it measures the way through, not the queue. */
const slots = 4096;

/** Metrics, probes, planner and heartbeats are on without being named. */
export const pointsmanConfiguration = (port: number, mockPort: number): string => `
listen: 127.0.0.1:${port}
backends:
  compatible: { kind: openai-compatible, url: "http://127.0.0.1:${mockPort}/v1", slots: ${slots} }
  ollama: { kind: ollama, url: "http://127.0.0.1:${mockPort}", slots: ${slots} }
  gemini: { kind: gemini, url: "http://127.0.0.1:${mockPort}", apiKey: bench, slots: ${slots} }
`;

const chat = (model: string, stream: boolean, prompt: string): string =>
  JSON.stringify({
    model,
    stream,
    temperature: 0.7,
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: prompt },
    ],
  });

/** A question with a short answer. */
export const smallRequest = chat(openAiModel, false, 'Why is the sky blue? Answer in one sentence.');

/** How long the stream shall be and how fast, told to the mock through the prompt. */
export interface Pace {
  readonly events: number;
  readonly gapMs: number;
}

/** Whether the backend speaks the client's dialect or another. */
export type Way = 'passthrough' | 'translation';

/** A request for a stream. */
export const streamRequest = (way: Way, { events, gapMs }: Pace): string =>
  chat(way === 'passthrough' ? openAiModel : ollamaModel, true, `events=${events} gap=${gapMs}`);

/** How a client asks for a stream, and how it knows what it hears. */
export interface StreamCall {
  readonly path: string;
  readonly body: string;
  /** What the first token has in it. */
  readonly token: string;
  /** What the last bytes of a whole stream have in them. */
  readonly end: string;
}

/** A stream of chat completions. */
export const chatStream = (way: Way, pace: Pace): StreamCall => ({
  path: '/v1/chat/completions',
  body: streamRequest(way, pace),
  token: '"content":"',
  end: 'data: [DONE]',
});

/** The pair whose events cost most: a client of the Responses API before Google's. */
export const worstPairStream = ({ events, gapMs }: Pace): StreamCall => ({
  path: '/v1/responses',
  body: JSON.stringify({
    model: geminiModel,
    stream: true,
    store: false,
    instructions: 'You are a helpful assistant.',
    input: `events=${events} gap=${gapMs}`,
  }),
  token: '"delta":"',
  end: '"completed_at":',
});

/** A request for a stream that falls silent after its first token. */
export const quietRequest = streamRequest('passthrough', { events: 2, gapMs: 0 });
