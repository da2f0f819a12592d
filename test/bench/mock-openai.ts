/** What the mock engine says in OpenAI's dialect. */

export const openAiModel = 'bench-openai';

const head = { id: 'chatcmpl-1', created: 1_700_000_000, model: openAiModel };
const usage = { prompt_tokens: 12, completion_tokens: 200, total_tokens: 212 };

const event = (choice: object): string =>
  `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [{ index: 0, ...choice }] })}\n\n`;

export const openAiListing = JSON.stringify({
  object: 'list',
  data: [{ id: openAiModel, object: 'model', created: head.created, owned_by: 'bench' }],
});

/** A whole answer of about 400 bytes. */
export const openAiAnswer = JSON.stringify({
  ...head,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: {
        role: 'assistant',
        content: 'The sky is blue because air scatters short waves more than long ones.',
      },
      finish_reason: 'stop',
    },
  ],
  usage,
});

/** One token of a stream. */
export const openAiEvent = event({ delta: { content: ' token' }, finish_reason: null });

/** The end of a stream, in one piece. */
export const openAiLast = `${event({ delta: {}, finish_reason: 'stop' })}data: [DONE]\n\n`;
