/** What a rejected fetch means, read across the error shapes of Bun, Deno and Node. Pure; imports nothing. */

export interface TransportFailure {
  readonly class: 'network' | 'timeout';
  /** False only when nothing of the request can have been sent, so that asking again repeats nothing. */
  readonly reached: boolean;
  /** A short phrase without any address, whatever the runtime put into its own. */
  readonly text: string;
}

const lost = (text: string): TransportFailure => ({ class: 'network', reached: true, text });
const unsent = (text: string): TransportFailure => ({ class: 'network', reached: false, text });

const refused = unsent('connection refused');
const unresolved = unsent('name not resolved');
const unreachable = unsent('unreachable');
const badAddress = unsent('network error');
const connectTimedOut = unsent('timed out');
const certificateRefused = unsent('TLS failed');
const tlsFailed = lost('TLS failed');
const reset = lost('connection reset');
const closed = lost('closed before headers');
const notHttp = lost('not HTTP');
const unknown = lost('network error');
const timedOut: TransportFailure = { class: 'timeout', reached: true, text: 'timed out' };

const byCode: ReadonlyMap<string, TransportFailure> = new Map<string, TransportFailure>([
  ['ECONNREFUSED', refused],
  ['ENOTFOUND', unresolved],
  ['EAI_AGAIN', unresolved],
  ['EHOSTUNREACH', unreachable],
  ['ENETUNREACH', unreachable],
  ['EHOSTDOWN', unreachable],
  ['ENETDOWN', unreachable],
  ['EADDRNOTAVAIL', unreachable],
  ['ERR_INVALID_URL', badAddress],
  ['UND_ERR_CONNECT_TIMEOUT', connectTimedOut],
  ['UND_ERR_HEADERS_TIMEOUT', timedOut],
  ['UND_ERR_BODY_TIMEOUT', timedOut],
  // The kernel gave up on a connection, which may have carried the request before.
  ['ETIMEDOUT', lost('timed out')],
  ['ECONNRESET', reset],
  ['ECONNABORTED', reset],
  ['EPIPE', reset],
  ['EPROTO', tlsFailed],
  ['Malformed_HTTP_Response', notHttp],
]);

const codePatterns: readonly (readonly [RegExp, TransportFailure])[] = [
  [/^HPE_/, notHttp],
  [/^(?:CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERR_TLS_CERT)/, certificateRefused],
  [/^(?:ERR_SSL_|ERR_TLS_)/, tlsFailed],
];

/** Deno gives no codes, only sentences; older Bun and bare strings are read the same way. */
const textPatterns: readonly (readonly [RegExp, TransportFailure])[] = [
  [/connection refused|unable to connect/, refused],
  [/dns error|failed to lookup|name or service not known/, unresolved],
  [/host (?:is )?unreachable|network (?:is )?unreachable|no route to host/, unreachable],
  [/invalid url|bad port|ports? \d+ (?:is|are) blocked/, badAddress],
  [/invalid peer certificate|certificate (?:verify failed|has expired)/, certificateRefused],
  [/corrupt message|tls handshake|ssl routines/, tlsFailed],
  [/invalid http|malformed http|not match the http/, notHttp],
  [/closed before message completed|other side closed/, closed],
  [/connection reset|broken pipe|terminated|reading a body|closed unexpectedly|socket hang up/, reset],
  [/timed out|timeout/, timedOut],
];

interface Layer {
  readonly name?: unknown;
  readonly code?: unknown;
  readonly message?: unknown;
  readonly syscall?: unknown;
  readonly cause?: unknown;
}

const layersOf = (error: unknown): readonly Layer[] => {
  const layers: Layer[] = [];
  let current: unknown = error;
  // Deep enough for a wrapper of ours around the runtime's wrapper around the socket's error.
  while (typeof current === 'object' && current !== null && layers.length < 5) {
    const layer: Layer = current;
    layers.push(layer);
    current = layer.cause;
  }
  if (typeof current === 'string') layers.push({ message: current });
  return layers;
};

const fromCode = (code: string): TransportFailure | undefined =>
  byCode.get(code) ?? codePatterns.find(([pattern]) => pattern.test(code))?.[1];

const fromText = (text: string): TransportFailure | undefined =>
  textPatterns.find(([pattern]) => pattern.test(text))?.[1];

/** A failure while a connection was being made has sent nothing, whatever went wrong with it. */
const whileConnecting = (failure: TransportFailure): TransportFailure =>
  failure.reached ? { class: 'network', reached: false, text: failure.text } : failure;

/**
 * Reads what a fetch, or the reading of its body, was rejected with: names first, then codes, then words.
 * The caller's own abort must be told apart before, by its signal.
 */
export const classifyTransport = (error: unknown): TransportFailure => {
  const layers = layersOf(error);
  let connecting = false;
  let failure: TransportFailure | undefined;
  for (const { name, code, syscall } of layers) {
    if (name === 'TimeoutError') return timedOut;
    if (syscall === 'connect') connecting = true;
    if (failure === undefined && typeof code === 'string') failure = fromCode(code);
  }
  const text = layers
    .map(({ message }) => (typeof message === 'string' ? message : ''))
    .join('\n')
    .toLowerCase();
  if (text.includes('client error (connect)')) connecting = true;
  // Undici has one code for a socket closed early and late; its words tell which.
  failure ??= text.includes('terminated') ? reset : fromText(text);
  if (failure === undefined) return connecting ? badAddress : unknown;
  return connecting ? whileConnecting(failure) : failure;
};
