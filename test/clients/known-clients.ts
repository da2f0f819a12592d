/** What clients that are not run here are known to send: their paths, headers and every member of their bodies. */

import { cline, continueDev, langChain, ollamaCommand, openWebUi, zed } from './known/chat-clients.ts';
import { claudeCode } from './known/claude-code.ts';
import { codex } from './known/codex.ts';
import type { Step } from './known/step.ts';

export interface KnownClient {
  readonly name: string;
  /** The page that tells how to set it up. */
  readonly page: string;
  /** In the order it sends them; the kind is that of the backend behind. */
  readonly steps: (model: string, kind: string) => readonly Step[];
}

export const knownClients: readonly KnownClient[] = [
  { name: 'Claude Code', page: 'docs/clients/claude-code.md', steps: claudeCode },
  { name: 'Codex', page: 'docs/clients/codex.md', steps: codex },
  { name: 'Open WebUI', page: 'docs/clients/open-webui.md', steps: openWebUi },
  { name: 'Continue', page: 'docs/clients/continue.md', steps: continueDev },
  { name: 'Cline', page: 'docs/clients/cline-roo.md', steps: cline },
  { name: 'Zed', page: 'docs/clients/zed.md', steps: zed },
  { name: 'LangChain', page: 'docs/clients/langchain.md', steps: langChain },
  { name: 'the ollama command', page: 'docs/clients/ollama.md', steps: ollamaCommand },
];
