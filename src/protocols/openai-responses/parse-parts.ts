/** Parts of a message or of a tool's result to neutral ones. May import spec. */

import type { ContentPart } from '../../spec/chat-request.ts';
import { asArray, asObject, asString, type Json, type JsonObject } from '../../spec/json.ts';
import { placed } from '../origin.ts';

/** A single text is what it says: some engines' templates take nothing but strings. `at` is where the content stands. */
export const parseContent = (content: Json | undefined, at: string): string | readonly ContentPart[] => {
  if (typeof content === 'string') return content;
  const parts = (asArray(content) ?? []).map((value, index) => {
    const part = parsePart(asObject(value) ?? {});
    return part.type === 'text' ? part : placed(part, `${at}[${index}]`);
  });
  const [first] = parts;
  if (first === undefined) return '';
  return parts.length === 1 && first.type === 'text' ? first.text : parts;
};

/** One part that passed `peek`. */
export const parsePart = (part: JsonObject): ContentPart => {
  switch (part.type) {
    case 'input_image':
      return parseImage(asString(part.image_url) ?? '');
    case 'input_file':
      return parseFile(part);
    case 'input_audio': {
      const audio = asObject(part.input_audio);
      return { type: 'audio', data: asString(audio?.data) ?? '', format: asString(audio?.format) ?? '' };
    }
    case 'refusal':
      return { type: 'text', text: asString(part.refusal) ?? '' };
    default:
      return { type: 'text', text: asString(part.text) ?? '' };
  }
};

/** Of a long data URL only the beginning may be here, with a marker for the rest: it is cut at its comma. */
const cutDataUrl = (url: string): { readonly mediaType: string; readonly data: string } | undefined => {
  const comma = url.startsWith('data:') ? url.indexOf(',') : -1;
  const head = comma < 0 ? '' : url.slice('data:'.length, comma);
  if (!head.endsWith(';base64')) return undefined;
  return { mediaType: head.slice(0, head.indexOf(';')), data: url.slice(comma + 1) };
};

const parseImage = (url: string): ContentPart => {
  const cut = cutDataUrl(url);
  if (cut === undefined) return { type: 'image-url', url };
  return cut.mediaType === ''
    ? { type: 'image', data: cut.data }
    : { type: 'image', data: cut.data, mediaType: cut.mediaType };
};

/** Files come as data URLs, or as bare base64 of what is a PDF nearly always. */
const parseFile = (part: JsonObject): ContentPart => {
  const sent = asString(part.file_data) ?? '';
  const { mediaType, data } = cutDataUrl(sent) ?? { mediaType: 'application/pdf', data: sent };
  const name = asString(part.filename);
  return name === undefined
    ? { type: 'document', data, mediaType }
    : { type: 'document', data, mediaType, name };
};
