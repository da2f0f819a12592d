/** One request for inference: its body, its reply, and the words in which a kind of host refuses. */

import { asObject, type Json, type JsonObject } from '../spec/json.ts';
import type { EngineFailure, FailureKind } from './engine-failure.ts';
import type { Fault } from './faults.ts';
import type { Reply } from './reply.ts';

/** A failure in the words of one kind of host. */
export interface Refusal {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** How one kind of host says things. */
export interface Surface {
  readonly streamType: string;
  readonly maxBodyBytes: number;
  refuse(failure: EngineFailure, modelName: string): Refusal;
  /** The last bytes of a stream that fails. */
  inStream(failure: EngineFailure): string;
  unknownModel(name: string): Refusal;
  badBody(problem: 'empty' | 'malformed' | 'too-large'): Refusal;
  /** Failures that end the whole process, which says nothing any more. */
  readonly fatal: ReadonlySet<FailureKind>;
}

/** One request for inference on its way. */
export interface Exchange {
  readonly body: JsonObject;
  readonly reply: Reply;
  readonly fault: Fault | undefined;
  refuse(refusal: Refusal): void;
  /** Before headers a refusal, after them the last words of the stream. */
  fail(failure: EngineFailure): void;
}

/** A body, or why there is none. */
export type ReadBody =
  | { readonly body: JsonObject }
  | { readonly problem: 'empty' | 'malformed' | 'too-large' };

/** Reads a body whole, within the limit of the host. */
export const readBody = async (request: Request, surface: Surface): Promise<ReadBody> => {
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > surface.maxBodyBytes) return { problem: 'too-large' };
  const bytes = await request.arrayBuffer();
  if (bytes.byteLength > surface.maxBodyBytes) return { problem: 'too-large' };
  if (bytes.byteLength === 0) return { problem: 'empty' };
  try {
    const body = asObject((await new Response(bytes).json()) as Json);
    return body === undefined ? { problem: 'malformed' } : { body };
  } catch {
    return { problem: 'malformed' };
  }
};

/** A refusal as a response. */
export const respond = (refusal: Refusal): Response =>
  new Response(refusal.body, {
    status: refusal.status,
    headers: { 'content-type': refusal.contentType, ...refusal.headers },
  });
