/** The values that keys of the configuration take, each with its form and bounds. Imports spec and `zod`. */

import { z } from 'zod';
import { quirkNames } from '../spec/vocabulary.ts';
import { parseSizeBytes, sizeForm } from './size.ts';

/** Longer delays overflow the timers of every runtime and would fire at once. */
const longestMs = 2 ** 31 - 1;

/** Whole milliseconds that every timer can hold. */
export const durationMs = (least: 0 | 1) => z.int().min(least).max(longestMs);

const sizeMessage = 'must be a number of bytes above 0, or a text such as "64MiB"';

/** Bytes, as a number or a text with a unit. */
export const sizeBytes = z.union(
  [
    z.int().min(1, sizeMessage),
    z
      .string()
      .regex(sizeForm)
      .transform((text) => parseSizeBytes(text) ?? 0)
      .refine((bytes) => bytes > 0 && Number.isSafeInteger(bytes), sizeMessage),
  ],
  sizeMessage,
);

/** A name of the reader's choice, which logs and metrics may show. */
export const name = z
  .string()
  .min(1)
  .max(64)
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._-]*$/,
    'must be letters, digits, dots, dashes and underscores, and begin with a letter or digit',
  );

/** What clients or engines call a model. */
export const modelName = z
  .string()
  .min(1)
  .max(256)
  .regex(/^\P{Cc}*$/u, 'must be one line of text');

/** A secret that fits into a header. */
export const token = z.string().regex(/^[\x21-\x7e]*$/, 'must be printable ASCII without spaces');

/** A host as the header `Host` names it, without a port. */
export const hostName = z
  .string()
  .regex(
    /^(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9_]([A-Za-z0-9._-]*[A-Za-z0-9_])?)$/,
    'must be a host name without scheme and port',
  );

/** An origin as browsers send it. */
export const origin = z
  .string()
  .regex(
    /^[a-z][a-z0-9+.-]*:\/\/[^/\s?#]+$/,
    'must be an origin such as https://chat.example, without a path',
  );

/** What a model or a server does not take. */
export const quirks = z.array(z.enum(quirkNames));

/** A number that need not be whole. */
export const amount = (least: number, most: number) => z.number('must be a number').min(least).max(most);

/** As much as a number can count. */
export const unlimited = Number.MAX_SAFE_INTEGER;
