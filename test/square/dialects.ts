/** The dialects of the square, in the order they are shown. */

import type { Dialect } from './dialect.ts';
import { anthropic } from './dialects/anthropic.ts';
import { gemini } from './dialects/gemini.ts';
import { ollama } from './dialects/ollama.ts';
import { openaiChat } from './dialects/openai-chat.ts';
import { openaiResponses } from './dialects/openai-responses.ts';

/** All are fronts; those with a wire are spoken by backends, too. */
export const dialects: readonly Dialect[] = [ollama, openaiChat, openaiResponses, anthropic, gemini];
