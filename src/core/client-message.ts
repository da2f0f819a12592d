/** What of an engine's words a client may read. Pure; imports this folder. */

import type { OutcomeClass } from './outcome.ts';

const maxCharacters = 300;

/** An engine's sentence stands at the beginning; the bound keeps the patterns below cheap on hostile text. */
const maxReadCharacters = 2048;

/** Stands where something was taken out. */
const gap = '…';

type Removal = readonly [pattern: RegExp, replacement: string];

/** Credentials, and the URLs that may hold them. */
const secrets: readonly Removal[] = [
  // A model's name is no address: Ollama's own registry tells nothing and goes without a trace.
  [/\bregistry\.ollama\.ai\/(?:library\/)?/gi, ''],
  [/\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s"'`<>]+/gi, gap],

  // The shapes their makers gave them, then whatever follows a word that announces one.
  [/\b(?:bearer|basic)\s+[\w+/=.~-]{6,}/gi, gap],
  [/\beyJ[\w-]{8,}\.[\w.-]+/g, gap],
  [/\b(?:sk|pk|rk|xai|nvapi|org|glpat|xox[a-z])-[\w*-]{4,}[\w.*-]*/gi, gap],
  [/\b(?:gsk|hf|gh[opsu]|github_pat|r8|proj)_\w{12,}/g, gap],
  [/\bAIza[\w-]{10,}/g, gap],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{8,}/g, gap],
  [
    /\b((?:x-)?(?:api[_-]?)?(?:key|token|secret|password|passwd|pwd|authorization|signature))((?:\s+provided)?["']?\s*[=:]\s*["']?)[^\s"',;&)]{3,}/gi,
    `$1$2${gap}`,
  ],
];

/** Where something is: hosts and files. */
const places: readonly Removal[] = [
  // Quoted paths may hold spaces.
  [/(["'`])(?:~?\/|[a-z]:[\\/]|\\\\|\.{1,2}[\\/])[^"'`]+\1/gi, gap],

  // Addresses: e-mail, IPv6 in brackets and bare, IPv4, names with a port, names of private zones, resolver errors.
  [/(?<![\w.+-])[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g, gap],
  [/\[[0-9a-f]{0,4}:[0-9a-f:.]{1,42}(?:%\w+)?\](?::\d{1,5})?/gi, gap],
  [/(?<![\w:.])(?:[0-9a-f]{1,4}:){2,7}[0-9a-f:]*(?!\w)/gi, gap],
  [/(?<![\w:])::(?:[0-9a-f]{1,4}:?)+(?!\w)/gi, gap],
  [/(?<![\d.])\d{1,3}(?:\.\d{1,3}){3}(?!\d)(?:\.[\w-]+)*(?::\d{1,5})?(?:\/[^\s"'`,;)]*)?/g, gap],
  [/(?<![\w.-])[a-z][\w-]*(?:\.[\w-]+)+:\d{2,5}(?!\w|[.-]\w)(?:\/[^\s"'`,;)]*)?/gi, gap],
  [/(?<![\w.-])(?:localhost:\d{1,5}|[a-z][\w-]*:\d{4,5})(?!\w|[.-]\w)(?:\/[^\s"'`,;)]*)?/gi, gap],
  [/(?<![\w.-])[\w-]+(?:\.[\w-]+)*\.(?:internal|local|localdomain|lan|corp|intranet|home|arpa)\b\.?/gi, gap],
  [/\b(lookup|getaddrinfo(?: \w+)?) [^\s:,]+/gi, `$1 ${gap}`],

  // A model's `org/name` does not begin with a slash.
  [/(?<![\w/.~])~?\/[^\s"'`,;:()<>]+/g, gap],
  [/(?<!\w)(?:[a-z]:[\\/]|\\\\)[^\s"'`,;:()<>]+/gi, gap],
  [/(?<![\w.])\.{1,2}[\\/][^\s"'`,;:()<>]+/g, gap],
  // The end of a path whose beginning was taken for a key.
  [/…[^\s"'`,;:()<>…]*\/[^\s"'`,;:()<>]+/g, gap],
];

/** Keys and digests are long runs, and so are the names engines give to functions and people to models. */
const longRun = /[A-Za-z0-9+/_-]{32,}={0,2}/g;

/** A part of such a name: letters and digits do not take turns in it. */
const word =
  /^(?:\d{1,4}[A-Za-z]{0,2}|[A-Za-z]{1,3}\d{0,4}[A-Za-z]?|[A-Z]?[a-z]+(?:[A-Z][a-z]+)*[A-Z]{0,3}\d{0,3}|[A-Z]{1,12}\d{0,3})?$/;

const maxWordCharacters = 24;

const withoutKey = (run: string): string =>
  run.split(/[-_/+]/).every((part) => part.length <= maxWordCharacters && word.test(part)) ? run : gap;

const firstLine = (text: string): string => {
  const [line = ''] = text.trimStart().split(/[\r\n\u2028\u2029]/, 1);
  if (line.length <= maxReadCharacters) return line;
  // A word cut in two no longer looks like the key it is.
  return line.slice(0, Math.max(0, line.lastIndexOf(' ', maxReadCharacters)));
};

const shortened = (text: string): string =>
  text.length <= maxCharacters
    ? text
    : `${text.slice(0, maxCharacters - 1).replace(/[\ud800-\udbff]$/, '')}${gap}`;

const without = (text: string, removals: readonly Removal[]): string => {
  let rest = text;
  for (const [pattern, replacement] of removals) rest = rest.replace(pattern, replacement);
  return rest;
};

/**
 * An engine's own sentence without addresses, file paths and anything that looks like a key: its first line,
 * at most 300 characters; empty where nothing is left to read. Rather too much is taken out than too little.
 */
export const clientMessage = (upstreamText: string): string => {
  const line = firstLine(upstreamText).replace(/[\p{Cc}\p{Cf}]+/gu, ' ');
  // Keys go first: base64 has slashes in it, and half a key taken for a path would leave the other half.
  const safe = without(without(line, secrets).replace(longRun, withoutKey), places);
  const text = safe.replace(/\s+/g, ' ').trim();
  return /[\p{L}\p{N}]/u.test(text) ? shortened(text) : '';
};

const canned: Partial<Record<OutcomeClass, string>> = {
  auth: 'the backend did not accept the credentials this gateway is configured with',
  network: 'the backend could not be reached',
  quota: 'the quota of this gateway at the backend is used up',
};

/** The sentence of a class whose upstream text never passes: those texts name keys, accounts or addresses. */
export const cannedMessage = (outcome: OutcomeClass): string | undefined => canned[outcome];
