/** The routes whose bodies pass as they are: sound, pictures, moderation, ranking. */

import { createDeparture } from '../gateway/departure.ts';
import { internalError } from '../gateway/internal-error.ts';
import type { RawReceived, RawSource } from '../gateway/raw-body.ts';
import type { Protocol, Route } from '../protocols/protocol.ts';
import { protocols } from '../protocols/registry.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import type { Raw } from '../spec/vocabulary.ts';
import { senderOf, tellingPeer } from './between-peers.ts';
import { readBody } from './body.ts';
import { type Exchange, errorResponse, principalOf } from './exchange.ts';
import {
  demandJsonFromBrowsers,
  type FrontDeps,
  type InferenceHandler,
  inferenceScope,
  isRaw,
  type RequestLimits,
} from './front.ts';
import { demandScope } from './keys.ts';
import { answerLimited } from './limited-keys.ts';

const nothing = new Uint8Array(0);

const takesForms: readonly Raw[] = ['transcription', 'speech-translation'];

/** A form that comes, refused before it is read where it says that it is too long. */
const formOf = (request: Request, contentType: string, { maxBytes }: RequestLimits): RawSource => {
  const { body, headers } = request;
  if (Number(headers.get('content-length') ?? 0) > maxBytes)
    throw new GatewayError('payload_too_large', `the request body is larger than ${maxBytes} bytes`);
  const coding = headers.get('content-encoding') ?? 'identity';
  if (coding !== 'identity')
    throw new GatewayError('unsupported_media_type', 'compressed forms are not accepted');
  if (body === null) throw new GatewayError('invalid_request', 'missing request body');
  return { kind: 'form', contentType, stream: body };
};

const sourceOf = async (
  raw: Raw,
  request: Request,
  exchange: Exchange,
  limits: RequestLimits,
): Promise<RawSource> => {
  const contentType = exchange.headers.get('content-type') ?? '';
  // A page may post a form to any address without asking; the front door has refused pages of other origins.
  if (takesForms.includes(raw)) {
    if (/^multipart\//i.test(contentType)) return formOf(request, contentType, limits);
    throw new GatewayError('unsupported_media_type', 'content-type must be multipart/form-data');
  }
  demandJsonFromBrowsers(exchange);
  const bytes = await readBody(request, limits);
  if (bytes.length === 0) throw new GatewayError('invalid_request', 'missing request body');
  return { kind: 'json', bytes };
};

const rawHandler = (protocol: Protocol, { path }: Route, raw: Raw, deps: FrontDeps): InferenceHandler => {
  const { gateway, ports, limits, report } = deps;
  return (request, exchange) => {
    const { connection, requestId, headers } = exchange;
    try {
      const arrivedAt = ports.clock.now();
      const principal = principalOf(exchange);
      demandScope(principal, inferenceScope);
      const sender = senderOf(headers);
      const requestLimits = limits();
      const received: RawReceived = {
        protocol,
        operation: 'embed',
        raw,
        path,
        bytes: nothing,
        requestId,
        principal,
        departure: createDeparture(request, connection),
        headers,
        arrivedAt,
        maxDepth: requestLimits.maxDepth,
      };
      const handle = (): Promise<Response> =>
        gateway.handleRaw(received, sourceOf(raw, request, exchange, requestLimits), requestLimits);
      const answer = principal.isLimited === true ? answerLimited(received, deps, handle) : handle();
      return sender === 'peer' ? tellingPeer(answer, gateway) : answer;
    } catch (error) {
      return errorResponse(internalError(error, requestId, report), exchange);
    }
  };
};

/** By path; the paths are fixed and take POST alone. */
export const rawHandlers = (deps: FrontDeps): ReadonlyMap<string, InferenceHandler> =>
  new Map(
    protocols.flatMap((protocol) =>
      protocol.routes.flatMap((route) =>
        isRaw(route.operation)
          ? [[route.path, rawHandler(protocol, route, route.operation, deps)] as const]
          : [],
      ),
    ),
  );
