/** What the mock engine says in Ollama's dialect. */

export const ollamaModel = 'bench-ollama:latest';

const head = { model: ollamaModel, created_at: '2026-01-01T00:00:00.000000000Z' };
const counts = {
  total_duration: 1_000_000_000,
  load_duration: 1_000_000,
  prompt_eval_count: 12,
  prompt_eval_duration: 10_000_000,
  eval_count: 200,
  eval_duration: 900_000_000,
};

const line = (fields: object): string => `${JSON.stringify({ ...head, ...fields })}\n`;

export const ollamaVersion = JSON.stringify({ version: '0.30.0' });

const listed = { name: ollamaModel, model: ollamaModel, size: 1_000_000_000, digest: 'bench' };

export const ollamaListing = JSON.stringify({ models: [{ ...listed, modified_at: head.created_at }] });

/** Kept loaded, so that the planner has residency to look at. */
export const ollamaLoaded = JSON.stringify({
  models: [{ ...listed, size_vram: 1_000_000_000, expires_at: '2099-01-01T00:00:00Z', context_length: 4096 }],
});

export const ollamaAnswer = JSON.stringify({
  ...head,
  message: {
    role: 'assistant',
    content: 'The sky is blue because air scatters short waves more than long ones.',
  },
  done: true,
  done_reason: 'stop',
  ...counts,
});

/** One token of a stream. */
export const ollamaEvent = line({ message: { role: 'assistant', content: ' token' }, done: false });

/** The end of a stream, in one piece. */
export const ollamaLast = line({
  message: { role: 'assistant', content: '' },
  done: true,
  done_reason: 'stop',
  ...counts,
});
