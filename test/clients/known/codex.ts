/** Codex: responses without a store, tools of plain text, reasoning to and fro. */

import type { Json, JsonObject } from '../../../src/spec/json.ts';
import { ends, errand, object, type Step, weather } from './step.ts';

const codexBody = (model: string, input: Json): JsonObject => ({
  model,
  instructions: 'You are a coding agent.',
  input,
  tools: [
    {
      type: 'function',
      name: weather.name,
      description: weather.description,
      strict: false,
      parameters: object,
    },
    {
      type: 'custom',
      name: 'apply_patch',
      description: 'Edits files',
      format: { type: 'grammar', syntax: 'lark', definition: 'start: "x"' },
    },
    { type: 'web_search', external_web_access: false },
  ],
  tool_choice: 'auto',
  parallel_tool_calls: false,
  reasoning: { effort: 'medium', summary: 'auto' },
  store: false,
  stream: true,
  include: ['reasoning.encrypted_content'],
  prompt_cache_key: '0f4d2c9e-1111-4222-8333-444455556666',
  text: { verbosity: 'low' },
});

export const codex = (model: string): readonly Step[] => {
  const headers = {
    accept: 'text/event-stream',
    originator: 'codex_cli_rs',
    'openai-beta': 'responses=experimental',
    session_id: '0f4d2c9e-1111-4222-8333-444455556666',
  };
  const said = (role: string, text: string): Json => ({
    type: 'message',
    role,
    content: [{ type: 'input_text', text }],
  });
  const turn = (input: Json, holds: Step['holds']): Step => ({
    method: 'POST',
    path: '/v1/responses',
    headers,
    body: codexBody(model, input),
    holds,
  });
  const context = said('developer', 'The sandbox is read only.');
  const asked = said('user', errand);
  return [
    { method: 'GET', path: '/v1/models', headers, holds: [model] },
    turn([context, said('user', 'Hello')], [ends.responses, 'event: response.output_text.delta']),
    turn([context, asked], [ends.responses, '"type":"function_call"', 'event: response.output_item.done']),
    turn(
      [
        context,
        asked,
        { type: 'reasoning', summary: [], encrypted_content: null },
        { type: 'function_call', name: 'get_weather', arguments: '{"city":"Paris"}', call_id: 'call_1' },
        { type: 'function_call_output', call_id: 'call_1', output: '11 degrees' },
        { type: 'custom_tool_call', status: 'completed', call_id: 'call_2', name: 'apply_patch', input: 'x' },
        { type: 'custom_tool_call_output', call_id: 'call_2', output: 'done' },
      ],
      [ends.responses, 'event: response.output_text.delta'],
    ),
    { method: 'GET', path: '/v1/responses', headers, status: 405 },
  ];
};
