/** What a dialect of conversations alone says to a plain completion it cannot be asked as. May import spec. */

import type { Prompt } from '../spec/chat-request.ts';
import { GatewayError } from '../spec/gateway-error.ts';

/** Where a text is to be filled in or a template left out, and what to do instead. */
export const refuseCompletion = ({ suffix }: Prompt): GatewayError =>
  suffix === undefined
    ? new GatewayError(
        'unprocessable',
        'the engine behind this model takes no raw prompt; leave out raw, send messages, or ask for a model on a host that completes text, such as Ollama, llama.cpp or vLLM',
        { param: 'raw' },
      )
    : new GatewayError(
        'unprocessable',
        'the engine behind this model does not fill in text before a suffix; leave out suffix, or ask for a model on a host that does, such as Ollama, llama.cpp or vLLM',
        { param: 'suffix' },
      );
