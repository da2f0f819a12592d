/** The words engines use for each kind of failure, lower case, as substrings. Pure data; imports nothing. */

/**
 * Out of memory, on the device or the host. The first ten are Ollama's own list (llm/status.go), which it applies
 * without case; the others are texts of llama.cpp, DMR, MLX, LM Studio and the kernel that the list misses.
 */
export const memoryNeedles: readonly string[] = [
  'out of memory',
  'out of device memory',
  'cudamalloc failed',
  'hipmalloc failed',
  'failed to allocate',
  'allocation failed',
  'not enough memory',
  'insufficient memory',
  'vk_error_out_of_device_memory',
  'erroroutofmemory',
  'erroroutofdevicememory',
  'errorouthostmemory',
  'erroroutofhostmemory',
  'requires more system memory',
  'unable to load full model on gpu',
  'hiperroroutofmemory',
  'cublas_status_alloc_failed',
  'cannot allocate memory',
  'bad_alloc',
  'not enough gpu memory',
  'reported out-of-memory',
  'memory layout cannot be allocated',
  'failed to commit memory',
  'unable to allocate',
  'device memory allocation of size',
  'failed to create context with model',
  'init() failed for self-attention cache',
  'projector cpu offload retry',
  'insufficient system resources',
  'signal: killed',
  'exit status 137',
];

/** The device or its driver is gone or does not fit; another request there fails the same way. */
export const driverNeedles: readonly string[] = [
  'errordevicelost',
  'devicelosterror',
  'errorincompatibledriver',
  'failed to initialize metal backend',
  'failed to initialize the metal library',
  'driver version is insufficient',
  'no cuda-capable device',
  'illegal memory access',
  'unspecified launch failure',
  'device kernel image is invalid',
  'no kernel image is available',
  'driver/library version mismatch',
  'fallen off the bus',
  'invalid device function',
  'tensilelibrary',
  'failed to compile kernel',
  'cuda error',
  'rocm error',
];

export const overloadNeedles: readonly string[] = [
  'maximum pending requests',
  'server busy',
  'llm busy',
  'no slot',
  'overloaded',
  'queue is full',
  'at capacity',
  'currently unavailable',
  // Another Pointsman.
  'no backend can take',
  'no backend is up',
  'is shutting down',
];

export const authNeedles: readonly string[] = ['api key', 'api_key', 'unauthorized', 'authentication_error'];

export const quotaNeedles: readonly string[] = [
  'insufficient_quota',
  'exceeded your current quota',
  'billing',
  'credit_balance_exhausted',
];

/** A 403 for what was asked, not for who asked: the words of providers that look at prompts. */
export const moderationNeedles: readonly string[] = ['was flagged', 'requires moderation', 'content policy'];

export const rateNeedles: readonly string[] = [
  'rate limit',
  'rate_limit',
  'too many requests',
  'resource_exhausted',
];

/** Our side went away; an engine only says so to a caller that is no longer there. */
export const cancelNeedles: readonly string[] = [
  'context canceled',
  'request canceled',
  'client connection closed before',
];

/** More tokens than the model was loaded for. The last one is an assertion that a full context trips. */
export const contextNeedles: readonly string[] = [
  'context size',
  'context length',
  'context_length_exceeded',
  'maximum context',
  'too large to process',
  'prompt is too long',
  'exceeds the maximum number of tokens',
  'exceed context limit',
  'compared to kv size',
  'does not support k-shift',
];

/** The engine lacks the model or cannot load it, whatever is asked of it. */
export const absentNeedles: readonly string[] = [
  'this model may be incompatible',
  'no longer compatible with your version',
  'error loading model',
  'failed to load model',
  'unknown model architecture',
  'missing tensor',
  'file does not exist',
  'model does not exist',
  "split vision models aren't supported",
  'loras are not yet implemented',
];

/** The engine has the model, but not what this request wants of it. */
export const unableNeedles: readonly string[] = [
  'does not support',
  // Google's, of functions, system texts and thinking, and of countries.
  'is not enabled for',
  'location is not supported',
  'cannot run this remote model',
  'is not installed',
  'image input is not supported',
  'requires --jinja',
  'jinja exception',
  'invalid tool call arguments',
];

export const crashNeedles: readonly string[] = [
  'has terminated',
  'terminated unexpectedly',
  'quit unexpectedly',
  'exited unexpectedly',
  'unexpectedly stopped',
  'no longer running',
  'error was encountered while running',
  'model has crashed',
  'server not responding',
  'enginecore encountered an issue',
];

export const timeoutNeedles: readonly string[] = [
  'timed out',
  'took too long',
  'timeout waiting',
  'deadline exceeded',
];
