/** OpenAI's embeddings, which its two dialects share; the path to them belongs to the other one. */

export { embed } from '../openai-chat/embed.ts';
