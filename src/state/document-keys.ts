/**
 * Where documents lie: everything in a key that could be chosen is hashed, for stores cut keys after `?`, squeeze colons
 * and take slashes for colons. Imports core.
 */

import { base32, sha256 } from '../core/sha256.ts';

const encoder = new TextEncoder();

/** The hash of a name that others may not meet by chance. */
export const hashedKey = (text: string, length: number): string =>
  base32(sha256(encoder.encode(text))).slice(0, length);

/** The key of an instance by what it calls itself. */
export const instanceKey = (instance: string): string => hashedKey(`instance\n${instance}`, 26);

export const headKey = (instance: string): string => `v1:head:${instance}`;
export const bodyKey = (instance: string): string => `v1:body:${instance}`;

/** Where it stands that somebody asked first; no document. */
export const claimKey = (subject: string): string => `v1:claim:${hashedKey(subject, 26)}`;

/** Whose head lies there; undefined for what is no head. */
export const keyOfHead = (key: string): string | undefined => /^v1:head:([a-z2-7]{26})$/.exec(key)?.[1];

/** Whether a key is one that instances use, for a store that is served to others. */
export const isDocumentKey = (key: string): boolean => /^v1:(?:head|body):[a-z2-7]{26}$/.test(key);
