/** OpenAI's listing of models, which its two dialects share. */

export { models } from '../openai-chat/models.ts';
