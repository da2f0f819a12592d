/** What Pointsman adds to an SSE stream beside the answer: comments, as in OpenAI's dialects. */

export { annotate, heartbeat } from '../openai-chat/beside.ts';
