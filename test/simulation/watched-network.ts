/** A network that writes down every call for inference: which request, to whom, what came back, and until when it was open. */

import type { Fetch, FetchReply } from '../../src/spec/ports.ts';
import type { Mishap } from './hostile-plan.ts';
import type { StoppableClock } from './stoppable-clock.ts';

/** One attempt as the network saw it. */
export interface Attempt {
  readonly requestId: string;
  readonly host: string;
  readonly model: string;
  readonly startedAt: number;
  endedAt: number | undefined;
  status: number | undefined;
  contentType: string;
  readonly chunks: Uint8Array[];
  text: string;
}

export interface WatchedNetwork {
  readonly fetch: Fetch;
  readonly attempts: readonly Attempt[];
  /** Attempts that are open on a host now. */
  readonly open: (host: string) => number;
  /** When a host was last heard of, or lost. */
  readonly heardAt: (host: string) => number;
  lie(host: string, tells: Extract<Mishap, { what: 'lie' }>['tells'] | undefined): void;
}

export interface NetworkOptions {
  readonly network: Fetch;
  readonly clock: StoppableClock;
  /** Called before a call goes out. */
  readonly onAttempt: (attempt: Attempt) => void;
}

const modelIn = (body: Uint8Array | undefined): string => {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
  return typeof parsed === 'object' && parsed !== null && 'model' in parsed ? String(parsed.model) : '';
};

const lists = new Set(['/api/ps', '/engines/ps']);

/** Everybody is loaded, or nobody, whatever is true. */
const untrue = (reply: FetchReply, path: string, tells: 'everything' | 'nothing'): Response => {
  const names = tells === 'nothing' ? [] : ['alpha', 'beta', 'gamma'];
  const models = names.map((name) => ({
    name: `${name}:latest`,
    model: `${name}:latest`,
    size: 1000,
    size_vram: 1000,
    expires_at: '2030-01-01T00:00:00Z',
  }));
  const engines = names.map((name) => ({
    backend_name: 'llama.cpp',
    model_name: `ai/${name}:latest`,
    mode: 'completion',
  }));
  return Response.json(path === '/api/ps' ? { models } : engines, { status: reply.status });
};

/** Puts the watch between an application and its network; a paused process hears nothing until it runs again. */
export const watchNetwork = ({ network, clock, onAttempt }: NetworkOptions): WatchedNetwork => {
  const attempts: Attempt[] = [];
  const open = new Map<string, number>();
  const lies = new Map<string, 'everything' | 'nothing'>();
  const heard = new Map<string, number>();

  const begin = (attempt: Attempt, signal: AbortSignal): (() => void) => {
    const { host } = attempt;
    onAttempt(attempt);
    attempts.push(attempt);
    open.set(host, (open.get(host) ?? 0) + 1);
    const end = (): void => {
      if (attempt.endedAt !== undefined) return;
      attempt.endedAt = clock.now();
      heard.set(host, clock.now());
      open.set(host, (open.get(host) ?? 0) - 1);
    };
    signal.addEventListener('abort', end);
    return end;
  };

  const watchBody = (
    body: ReadableStream<Uint8Array>,
    attempt: Attempt,
    end: () => void,
  ): ReadableStream<Uint8Array> => {
    const reader = body.getReader();
    return new ReadableStream<Uint8Array>(
      {
        pull: async (controller) => {
          try {
            const { done, value } = await reader.read();
            await clock.running();
            if (done) {
              end();
              controller.close();
              return;
            }
            attempt.chunks.push(value);
            controller.enqueue(value);
          } catch (error) {
            await clock.running();
            end();
            controller.error(error);
          }
        },
        cancel: async (reason) => {
          end();
          await reader.cancel(reason);
        },
      },
      { highWaterMark: 0 },
    );
  };

  const infer: Fetch = async (url, init) => {
    const attempt: Attempt = {
      requestId: init.headers['x-request-id'] ?? '',
      host: new URL(url).host,
      model: modelIn(init.body),
      startedAt: clock.now(),
      endedAt: undefined,
      status: undefined,
      contentType: '',
      chunks: [],
      text: '',
    };
    const end = begin(attempt, init.signal);
    try {
      const reply = await network(url, init);
      await clock.running();
      heard.set(attempt.host, clock.now());
      attempt.status = reply.status;
      attempt.contentType = reply.headers.get('content-type') ?? '';
      if (reply.body === null) {
        end();
        return reply;
      }
      const headers = { 'content-type': attempt.contentType };
      return new Response(watchBody(reply.body, attempt, end), { status: reply.status, headers });
    } catch (error) {
      await clock.running();
      end();
      throw error;
    }
  };

  const look: Fetch = async (url, init) => {
    const { host, pathname } = new URL(url);
    try {
      const reply = await network(url, init);
      const tells = lies.get(host);
      return tells !== undefined && lists.has(pathname) ? untrue(reply, pathname, tells) : reply;
    } finally {
      await clock.running();
      heard.set(host, clock.now());
    }
  };

  return {
    fetch: (url, init) =>
      init.method === 'POST' && init.headers['x-request-id'] !== undefined
        ? infer(url, init)
        : look(url, init),
    attempts,
    open: (host) => open.get(host) ?? 0,
    heardAt: (host) => heard.get(host) ?? 0,
    lie: (host, tells) => {
      if (tells === undefined) lies.delete(host);
      else lies.set(host, tells);
    },
  };
};
