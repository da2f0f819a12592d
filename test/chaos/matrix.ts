/** The chaos matrix as data: what can go wrong, at which moment of a request, and what its caller then has. */

import { ownNames } from './own-names.ts';

export type Form = 'stream' | 'whole';

/**
 * The moment a fault strikes at: in the queue, before the host took the connection, while the prompt is sent, before
 * headers with the model in memory or not, after headers without content, after content, after the last event.
 */
export type Phase =
  | 'queued'
  | 'connecting'
  | 'sending'
  | 'waiting'
  | 'loading'
  | 'opened'
  | 'streaming'
  | 'ended';

export type Fault =
  | 'refused'
  | 'black hole'
  | 'reset'
  | 'hang'
  | 'early end'
  | 'error inside'
  | 'server error'
  | 'busy'
  | 'caller at fault'
  | 'key refused'
  | 'out of memory'
  | 'model gone'
  | 'slow'
  | 'malformed'
  | 'redirect'
  | 'client gone'
  | 'client that does not read'
  | 'host replaced'
  | 'name moved'
  | 'clock stepped'
  | 'herd'
  | 'no descriptors'
  | 'all down';

export type Expectation =
  /** Another host serves the whole answer, and the caller sees one. */
  | 'served elsewhere'
  /** The stream ends in an error inside it, never as if it were whole; nobody else is asked. */
  | 'told in the stream'
  /** The answer is whole, from the host that was asked first. */
  | 'served'
  /** The host's refusal as it came, once; nobody else is asked. */
  | 'told once'
  /** The host is free at once, and nothing of the request is left. */
  | 'freed'
  /** Turned away at once with the time to come back. */
  | 'turned away';

type ByForm = Readonly<Partial<Record<Form, Expectation>>>;

const both = (expectation: Expectation): ByForm => ({ stream: expectation, whole: expectation });

const elsewhere = both('served elsewhere');
const served = both('served');
const freed = both('freed');
const broken: ByForm = { stream: 'told in the stream', whole: 'served elsewhere' };

/** What is absent cannot happen, or is in `beyond`. */
export const matrix: Readonly<Record<Fault, Readonly<Partial<Record<Phase, ByForm>>>>> = {
  refused: { connecting: elsewhere },
  'black hole': { connecting: elsewhere },
  reset: {
    queued: served,
    connecting: elsewhere,
    sending: elsewhere,
    waiting: elsewhere,
    loading: elsewhere,
    opened: elsewhere,
    streaming: broken,
    ended: served,
  },
  hang: {
    sending: elsewhere,
    waiting: elsewhere,
    loading: elsewhere,
    opened: elsewhere,
    streaming: broken,
    ended: { stream: 'served' },
  },
  'early end': {
    connecting: elsewhere,
    sending: elsewhere,
    waiting: elsewhere,
    loading: elsewhere,
    opened: elsewhere,
    streaming: broken,
    ended: served,
  },
  'error inside': { opened: elsewhere, loading: elsewhere, streaming: broken },
  'server error': { waiting: elsewhere, loading: elsewhere },
  busy: { waiting: elsewhere, loading: elsewhere },
  'caller at fault': { waiting: both('told once') },
  'key refused': { waiting: elsewhere },
  'out of memory': { loading: elsewhere, streaming: broken },
  'model gone': { waiting: elsewhere, loading: elsewhere },
  slow: { streaming: { stream: 'served' } },
  malformed: { opened: elsewhere, streaming: { stream: 'served', whole: 'served elsewhere' } },
  redirect: { waiting: elsewhere },
  'client gone': {
    queued: freed,
    connecting: freed,
    sending: freed,
    waiting: freed,
    loading: freed,
    opened: freed,
    streaming: freed,
    ended: freed,
  },
  'client that does not read': { streaming: { stream: 'served' } },
  'host replaced': { connecting: served },
  'name moved': ownNames === 'allowed' ? { connecting: served } : {},
  'clock stepped': { waiting: served, loading: served, opened: served, streaming: served },
  herd: { loading: served },
  'no descriptors': { streaming: { stream: 'served' } },
  'all down': { queued: both('turned away'), connecting: both('turned away'), waiting: both('turned away') },
};

/** One cell of it. */
export interface Place {
  readonly fault: Fault;
  readonly phase: Phase;
  readonly form: Form;
}

/** The name of a cell. */
export const placeName = ({ fault, phase, form }: Place): string => `${fault}, ${phase}, ${form}`;

/** Every cell of it, in order. */
export const places: readonly (Place & { readonly expectation: Expectation })[] = Object.entries(
  matrix,
).flatMap(([fault, phases]) =>
  Object.entries(phases).flatMap(([phase, forms]) =>
    Object.entries(forms).map(([form, expectation]) => ({
      fault: fault as Fault,
      phase: phase as Phase,
      form: form as Form,
      expectation,
    })),
  ),
);

/** What one instance on this machine cannot show over sockets, with the reason. */
export const beyond: Readonly<Record<string, string>> = {
  'a store that is lost, slow or corrupt': 'an instance by itself has no store',
  'another instance that crashes': 'an instance by itself has no other',
  'another address behind a name, where a process may not have a table of names of its own':
    'names are resolved by the system; a host replaced behind its address is shown',
  'a client that does not read for a minute': 'the limit is no setting and cannot be scaled',
  'traffic that moves away from a slow host': 'speeds are learned over many answers, under a virtual clock',
  'memory exhausted': 'what a runtime does then is not its program to decide',
};
