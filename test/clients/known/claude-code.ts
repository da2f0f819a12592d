/** Claude Code: messages with everything in them that it sends, counts, lists and its own reports. */

import type { Json, JsonObject } from '../../../src/spec/json.ts';
import { ends, errand, object, type Step, weather } from './step.ts';

const claudeHeaders = {
  authorization: 'Bearer unused',
  'anthropic-version': '2023-06-01',
  'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14,not-known-yet-2030-01-01',
  'anthropic-dangerous-direct-browser-access': 'true',
  'x-app': 'cli',
  'x-claude-code-session-id': '0f4d2c9e-1111-4222-8333-444455556666',
  'x-stainless-retry-count': '0',
};

const ephemeral = { type: 'ephemeral' };

const claudeBody = (model: string, messages: Json, more: JsonObject = {}): JsonObject => ({
  model,
  max_tokens: 32_000,
  system: [
    { type: 'text', text: 'You are a coding agent.', cache_control: ephemeral },
    { type: 'text', text: 'Be brief.', cache_control: ephemeral },
  ],
  metadata: { user_id: 'user_0_account__session_1' },
  tools: [
    { name: weather.name, description: weather.description, input_schema: object },
    {
      name: 'Read',
      description: 'Reads a file',
      input_schema: { type: 'object', additionalProperties: false, properties: { path: { type: 'string' } } },
      cache_control: ephemeral,
    },
  ],
  messages,
  ...more,
});

const cached = (text: string): Json => [{ type: 'text', text, cache_control: ephemeral }];

export const claudeCode = (model: string): readonly Step[] => {
  const path = '/v1/messages?beta=true';
  const turn = (body: JsonObject, holds: Step['holds'] = [ends.messages]): Step => ({
    method: 'POST',
    path,
    headers: claudeHeaders,
    body: { ...body, stream: true },
    holds,
  });
  const asked = { role: 'user', content: cached(errand) };
  return [
    { method: 'HEAD', path: '/' },
    {
      method: 'GET',
      path: '/v1/models?limit=1000',
      headers: claudeHeaders,
      holds: ['"display_name"', model],
    },
    {
      method: 'POST',
      path: '/v1/messages/count_tokens?beta=true',
      headers: claudeHeaders,
      body: { model, messages: [{ role: 'user', content: 'Hello' }], tools: [] },
      holds: [/"input_tokens":\d/],
    },
    turn(claudeBody(model, [{ role: 'user', content: cached('Hello') }])),
    turn(
      claudeBody(model, [{ role: 'user', content: 'Think' }], {
        thinking: { type: 'enabled', budget_tokens: 31_999 },
      }),
    ),
    turn(claudeBody(model, [asked]), [ends.messages, '"stop_reason":"tool_use"', '"name":"get_weather"']),
    turn(
      claudeBody(model, [
        asked,
        {
          role: 'assistant',
          content: [{ type: 'tool_use', id: 'toolu_1', name: 'get_weather', input: { city: 'Paris' } }],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 'toolu_1',
              content: '11 degrees',
              is_error: false,
              cache_control: ephemeral,
            },
            { type: 'text', text: 'Go on.' },
          ],
        },
      ]),
      [ends.messages, '"text_delta"'],
    ),
    {
      method: 'POST',
      path: '/api/event_logging/batch',
      body: { events: [{ event_type: 'x' }] },
      status: 204,
    },
  ];
};
