import { openrouter } from '../../src/backends/openrouter.ts';
import { backendContract, base } from '../contracts/backend.ts';

backendContract('openrouter', {
  kind: openrouter,
  live: {
    '/v1/models': {
      json: {
        data: [
          {
            id: 'maker/model',
            context_length: 200_000,
            architecture: { input_modalities: ['text', 'image'], output_modalities: ['text'] },
            supported_parameters: ['tools', 'tool_choice', 'reasoning', 'seed'],
          },
          { id: 'maker/plain' },
        ],
      },
    },
  },
  listings: ['/v1/models'],
  found: {
    models: [
      {
        name: 'maker/model',
        contextTokens: 200_000,
        capabilities: ['completion', 'tools', 'vision', 'thinking'],
      },
      { name: 'maker/plain' },
    ],
  },
  alive: [{ '/v1/models': { status: 401, text: '' } }],
  dead: [{ '/v1/models': { status: 502, text: '' } }],
  urls: [
    [
      'https://openrouter.ai/api/v1',
      'openai-chat',
      '/v1/chat/completions',
      'https://openrouter.ai/api/v1/chat/completions',
    ],
    [base, 'openai-chat', '/v1/models', `${base}/v1/models`],
  ],
  names: [['Maker/Model:free', ['maker/model:free']]],
});
