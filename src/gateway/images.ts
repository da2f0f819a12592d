/** Fetches the pictures of a request that a host wants as bytes, where configuration lets it. Shell. */

import { replyReader } from '../backends/parts/reply-reader.ts';
import { fetchableImage } from '../core/egress.ts';
import { protocols } from '../protocols/registry.ts';
import type { ContentPart, Message } from '../spec/chat-request.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { ChunkReader, Ports } from '../spec/ports.ts';
import type { GatewaySettings } from '../spec/settings.ts';
import type { Millis } from '../spec/vocabulary.ts';
import type { Fleet, Placement } from './fleet.ts';
import type { FetchedImage, Parsed } from './stages.ts';

/** A picture that models can use comes within these. */
const maxImageBytes = 5 * 1024 * 1024;
const timeoutMs: Millis = 5_000;
const maxImages = 16;

const types = /^image\/(?:png|jpeg|gif|webp)\b/i;

const takesUrls = new Set(protocols.filter(({ takesImageUrls }) => takesImageUrls).map(({ id }) => id));

const urlsIn = (messages: readonly Message[]): ReadonlySet<string> => {
  const parts = messages.flatMap(({ content }): readonly ContentPart[] =>
    content === null || typeof content === 'string' ? [] : content,
  );
  return new Set(parts.flatMap((part) => (part.type === 'image-url' ? [part.url] : [])));
};

/** In pieces, because all of it at once is more arguments than a call may have. */
const base64Of = (chunks: readonly Uint8Array[]): string => {
  let binary = '';
  for (const chunk of chunks)
    for (let at = 0; at < chunk.length; at += 8192)
      binary += String.fromCharCode(...chunk.subarray(at, at + 8192));
  return btoa(binary);
};

const read = async (reader: ChunkReader, signal: AbortSignal): Promise<string | undefined> => {
  const drop = (): void => void reader.cancel().catch(() => undefined);
  signal.addEventListener('abort', drop, { once: true });
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return signal.aborted ? undefined : base64Of(chunks);
    sizeBytes += value.length;
    if (sizeBytes > maxImageBytes) {
      drop();
      return undefined;
    }
    chunks.push(value);
  }
};

const fetchOne = async (url: string, { fetch, clock }: Ports): Promise<FetchedImage> => {
  const controller = new AbortController();
  const cancel = clock.after(timeoutMs, () => controller.abort());
  try {
    const reply = await fetch(url, {
      method: 'GET',
      headers: { accept: 'image/png, image/jpeg, image/gif, image/webp', 'accept-encoding': 'identity' },
      signal: controller.signal,
    });
    const type = reply.headers.get('content-type') ?? '';
    const reader = reply.status === 200 && types.test(type) ? replyReader(reply) : null;
    const data = reader === null ? undefined : await read(reader, controller.signal);
    if (data !== undefined) return { data, mediaType: type.split(';')[0]?.trim().toLowerCase() ?? '' };
  } catch {
    // Whatever it was, its words may hold the address and say what is there.
  } finally {
    cancel();
    controller.abort();
  }
  throw new GatewayError('invalid_request', 'an image of the request could not be fetched', {
    param: 'image_url',
  });
};

/**
 * By URL; undefined where none is to be fetched: no host wants bytes, or no rule fits. What no rule fits stays a URL, which
 * hosts that want bytes refuse.
 */
const fetchedImages = async (
  { received, body }: Parsed,
  placements: readonly Placement[],
  patterns: readonly string[],
  ports: Ports,
): Promise<ReadonlyMap<string, FetchedImage> | undefined> => {
  const { operation, protocol } = received;
  const isWanted =
    operation === 'chat' && placements.some(({ host }) => !host.speaks.some((id) => takesUrls.has(id)));
  if (!isWanted) return undefined;
  const urls = [...urlsIn(protocol.parse(body, 'chat').messages)].filter((url) =>
    fetchableImage(url, patterns),
  );
  if (urls.length === 0) return undefined;
  if (urls.length > maxImages)
    throw new GatewayError('invalid_request', `a request may name at most ${maxImages} images by URL`, {
      param: 'image_url',
    });
  const images = await Promise.all(
    urls.map(async (url) => [url, await fetchOne(fetchableImage(url, patterns) ?? url, ports)] as const),
  );
  return new Map(images);
};

const pictured = async (
  parsed: Parsed,
  placements: readonly Placement[],
  patterns: readonly string[],
  ports: Ports,
): Promise<Parsed> => ({ ...parsed, images: await fetchedImages(parsed, placements, patterns, ports) });

/** A request with the pictures it names, where they may be fetched; one that names none is not kept for a turn. */
export const withPictures = (
  parsed: Parsed,
  fleet: Fleet,
  egress: GatewaySettings['egress'],
  ports: Ports,
): Parsed | Promise<Parsed> => {
  const { images: patterns } = egress;
  if (patterns.length === 0 || !parsed.peek.needs.includes('vision')) return parsed;
  return pictured(parsed, fleet.placements(parsed.peek.model), patterns, ports);
};
