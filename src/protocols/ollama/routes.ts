/** Ollama's paths. May import spec. */

import type { Route } from '../protocol.ts';

/** Native paths of Ollama's server; its own OpenAI paths belong to that dialect. */
export const routes: readonly Route[] = [
  { method: 'POST', path: '/api/chat', operation: 'chat' },
  { method: 'POST', path: '/api/generate', operation: 'complete' },
  { method: 'POST', path: '/api/embed', operation: 'embed' },
  { method: 'POST', path: '/api/embeddings', operation: 'embed' },
  { method: 'GET', path: '/api/tags', operation: 'list-models' },
  { method: 'HEAD', path: '/api/tags', operation: 'list-models' },
  { method: 'GET', path: '/api/ps', operation: 'list-loaded' },
  { method: 'POST', path: '/api/show', operation: 'show-model' },
  { method: 'GET', path: '/api/version', operation: 'version' },
  { method: 'HEAD', path: '/api/version', operation: 'version' },
  { method: 'GET', path: '/api/status', operation: 'status' },
  { method: 'POST', path: '/api/me', operation: 'account' },
  { method: 'POST', path: '/api/pull', operation: 'manage-models' },
  { method: 'POST', path: '/api/push', operation: 'manage-models' },
  { method: 'POST', path: '/api/create', operation: 'manage-models' },
  { method: 'POST', path: '/api/copy', operation: 'manage-models' },
  { method: 'DELETE', path: '/api/delete', operation: 'manage-models' },
  { method: 'HEAD', path: '/api/blobs/{model}', operation: 'manage-models' },
  { method: 'POST', path: '/api/blobs/{model}', operation: 'manage-models' },
];
