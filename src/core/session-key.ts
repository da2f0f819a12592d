/** Which conversation a request says it belongs to. Pure; the key is a hash, because a session id may be private. */

import { hashText } from './hash.ts';

/** What of a request can name its session. */
export interface SessionFacts {
  /** Reads a request header by its lower-case name. */
  readonly header: (name: string) => string | null | undefined;
  /** Who asks: two callers that use one name for a session do not share it. */
  readonly tenant: string;
}

/** An explicit wish first; then what Open WebUI and Claude Code send by themselves. */
export const sessionHeaders = [
  'x-pointsman-session',
  'x-openwebui-chat-id',
  'x-claude-code-session-id',
] as const;

/** A hash of the caller's session, or undefined where none is named and the prefix of the prompt has to do. */
export const sessionKeyOf = ({ header, tenant }: SessionFacts): string | undefined => {
  for (const name of sessionHeaders) {
    const session = header(name)?.trim();
    if (!session) continue;
    return hashText(session, hashText(tenant, hashText(name))).toString(36);
  }
  return undefined;
};
