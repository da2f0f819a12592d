/** Events to the items of a response and the stream that tells of them; streams and whole answers are written here. May import spec. */

import type { ChatEvent, FinishReason } from '../../spec/chat-event.ts';
import type { ChatRequest } from '../../spec/chat-request.ts';
import type { GatewayError } from '../../spec/gateway-error.ts';
import type { Json, JsonObject } from '../../spec/json.ts';
import type { Signature } from '../../spec/signature.ts';
import type { Usage } from '../../spec/usage.ts';
import type { Stamp } from '../protocol.ts';
import { argumentsObject, refuseUnreadableCall } from '../written-call.ts';
import { lastEvents } from './error.ts';
import { atOnce, callClosing, callOpening, closingOf, openingOf, type ToldEvent } from './item-events.ts';
import { imageItem, type OpenCall, type OpenText, reasoningItem, type Status } from './output-items.ts';
import { responseHead } from './response-object.ts';
import { incompleteReason, writeUsage } from './schema.ts';
import type { Signed } from './signature.ts';
import { toldTools } from './told-tools.ts';

/** A push machine from events to the text of a stream. */
export interface AnswerWriter {
  push(event: ChatEvent): string;
  /** The last event of an answer that finished. */
  end(): string;
  /** The last events of one that broke. */
  fail(error: GatewayError): string;
  /** The whole response as it is now. */
  response(): JsonObject;
}

/** Starts an answer; `response.created` is told with the first event. */
export const createAnswerWriter = (request: ChatRequest, stamp: Stamp): AnswerWriter => {
  const head = responseHead(request, stamp);
  const tools = toldTools(request);
  const token = stamp.id.replaceAll(/[^a-zA-Z0-9]/g, '');
  /** By `output_index`; what is open has its place already. */
  const output: JsonObject[] = [];
  const calls = new Map<number, OpenCall>();
  const callIds = new Set<string>();
  let sequence = 0;
  let open: OpenText | undefined;
  let usage: Usage | undefined;
  let reason: FinishReason | undefined;
  let isStarted = false;

  const tell = (type: string, fields: JsonObject): string => {
    const data = JSON.stringify({ type, sequence_number: sequence, ...fields });
    sequence += 1;
    return `event: ${type}\ndata: ${data}\n\n`;
  };

  const response = (status: Status): JsonObject => ({
    ...head,
    status,
    output,
    ...(usage === undefined ? {} : { usage: writeUsage(usage) }),
  });

  const start = (): string => {
    if (isStarted) return '';
    isStarted = true;
    const begun = { response: response('in_progress') };
    return tell('response.created', begun) + tell('response.in_progress', begun);
  };

  const tellAll = (events: readonly ToldEvent[]): string => {
    let text = '';
    for (const [type, fields] of events) {
      const { output_index: index, item } = fields;
      if (typeof index === 'number' && item !== undefined) output[index] = item as JsonObject;
      text += tell(type, fields);
    }
    return text;
  };

  const openText = (kind: OpenText['kind']): string => {
    const index = output.length;
    const isMessage = kind === 'message';
    const id = `${isMessage ? 'msg' : 'rs'}_${token}${index}`;
    const type = isMessage ? 'response.output_text.delta' : 'response.reasoning_summary_text.delta';
    const part = isMessage ? 'content_index' : 'summary_index';
    const deltaHead = `event: ${type}\ndata: {"type":"${type}","item_id":"${id}","output_index":${index},"${part}":0,"delta":`;
    open = { kind, id, index, deltaHead, text: '', logprobs: [] };
    return tellAll(openingOf(open));
  };

  const closeText = (status: Status = 'completed', signature?: Signature): string => {
    if (open === undefined) return '';
    const closing = closingOf(open, status, signature);
    open = undefined;
    return tellAll(closing);
  };

  const say = (kind: OpenText['kind'], text: string, logprobs: readonly Json[] | undefined): string => {
    let told = start();
    if (open?.kind !== kind) told += closeText() + openText(kind);
    if (open === undefined) return told;
    open.text += text;
    if (logprobs !== undefined) open.logprobs.push(...logprobs);
    const beside =
      kind === 'message' ? `,"logprobs":${logprobs === undefined ? '[]' : JSON.stringify(logprobs)}` : '';
    told += `${open.deltaHead}${JSON.stringify(text)}${beside},"sequence_number":${sequence}}\n\n`;
    sequence += 1;
    return told;
  };

  /** What only its maker can read, or what signs the call behind it. */
  const addSigned = (signature: Signature, signed: Signed): string => {
    const index = output.length;
    const item = reasoningItem(`rs_${token}${index}`, '', signature, signed);
    return tellAll(atOnce(index, item, item));
  };

  const addImage = (data: string, mediaType: string): string => {
    const index = output.length;
    const item = imageItem(`ig_${token}${index}`);
    return tellAll(atOnce(index, item, imageItem(`ig_${token}${index}`, data, mediaType)));
  };

  /** Ids that an engine left out or used twice are made from the answer's own; 40 characters are all some servers take. */
  const callIdOf = (id: string | undefined, index: number): string => {
    const callId = id === undefined || id === '' || callIds.has(id) ? `call_${token.slice(-24)}${index}` : id;
    callIds.add(callId);
    return callId;
  };

  const openCall = ({
    index,
    id,
    name,
    signature,
  }: Extract<ChatEvent, { type: 'tool-call-start' }>): string => {
    const before = start() + closeText() + (signature === undefined ? '' : addSigned(signature, 'call'));
    const tool = tools.get(name) ?? { name, namespace: undefined, isCustom: false };
    const place = output.length;
    const call: OpenCall = {
      ...tool,
      id: `${tool.isCustom ? 'ctc' : 'fc'}_${token}${place}`,
      index: place,
      callId: callIdOf(id, place),
      arguments: '',
    };
    calls.set(index, call);
    return before + tellAll([callOpening(call)]);
  };

  const addArguments = (call: OpenCall | undefined, text: string): string => {
    if (call === undefined || text === '') return '';
    call.arguments += text;
    // Its input is inside a JSON string, which can be read only when it is whole.
    if (call.isCustom) return '';
    const at = { item_id: call.id, output_index: call.index };
    return tell('response.function_call_arguments.delta', { ...at, delta: text });
  };

  /** A call that is not whole waits for what ended the answer: one that was cut off says so. */
  const closeCall = (number: number, ended?: FinishReason): string => {
    const call = calls.get(number);
    if (call === undefined) return '';
    const isWhole = argumentsObject(call.arguments) !== undefined;
    if (!isWhole && ended === undefined) return '';
    calls.delete(number);
    // Clients parse the arguments without looking, and a call without any has none here.
    const filled = call.arguments === '' ? addArguments(call, '{}') : '';
    return filled + tellAll(callClosing(call, isWhole || ended !== 'length' ? 'completed' : 'incomplete'));
  };

  const finish = (why: FinishReason): string => {
    refuseUnreadableCall(why);
    reason = why;
    let told = start() + closeText(incompleteReason(why) === undefined ? 'completed' : 'incomplete');
    for (const number of [...calls.keys()]) told += closeCall(number, why);
    return told;
  };

  /** This dialect has one answer to a request; those beside it are left out. */
  const push = (event: ChatEvent): string => {
    if ('choice' in event && event.choice !== undefined && event.choice > 0) return '';
    switch (event.type) {
      case 'text-delta':
        if (event.text === '' && event.logprobs === undefined) return '';
        return say('message', event.text, event.logprobs);
      case 'reasoning-delta':
        return event.text === '' ? '' : say('reasoning', event.text, undefined);
      case 'reasoning-signature':
        if (open?.kind === 'reasoning') return closeText('completed', event.signature);
        return start() + closeText() + addSigned(event.signature, 'reasoning');
      case 'reasoning-redacted':
        return start() + closeText() + addSigned(event.signature, 'redacted');
      case 'image':
        return start() + closeText() + addImage(event.data, event.mediaType);
      case 'tool-call-start':
        return openCall(event);
      case 'tool-call-delta':
        return addArguments(calls.get(event.index), event.arguments);
      case 'tool-call-end':
        return closeCall(event.index);
      case 'finish':
        return finish(event.reason);
      case 'usage':
        usage = event.usage;
        return '';
      default:
        return '';
    }
  };

  const ended = (): JsonObject => {
    const why = incompleteReason(reason);
    const completedAt = stamp.createdUnix + Math.round(stamp.elapsedMs() / 1000);
    return why === undefined
      ? { ...response('completed'), completed_at: completedAt }
      : { ...response('incomplete'), incomplete_details: { reason: why } };
  };

  return {
    push,
    end: () => {
      const started = start();
      const whole = ended();
      return started + tell(`response.${String(whole.status)}`, { response: whole });
    },
    fail: (error) => start() + lastEvents(error, response('in_progress'), sequence),
    response: ended,
  };
};
