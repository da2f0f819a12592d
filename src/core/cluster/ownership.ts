/**
 * Who does what only one should do: every instance computes the same rank for the same members, without asking anybody.
 * Who is at rank r acts that many steps later, unless somebody before it is seen to. Imports core.
 */

import { hashText } from '../hash.ts';
import { rank } from '../rendezvous.ts';

/** 0 for the first; alone one is always first. */
export const rankOf = (subject: string, own: string, others: readonly string[]): number =>
  others.length === 0 ? 0 : Math.max(0, rank(hashText(subject), [own, ...others]).indexOf(own));

/** Whether of two the left one goes first: the same whoever else each of them sees. */
export const goesBefore = (subject: string, left: string, right: string): boolean =>
  rankOf(subject, left, [right]) === 0;

/**
 * How many of a host's slots are this instance's own where several want them: equal parts, and what is left over goes to
 * the first in rank, so that the parts of all are just the whole. With more instances than slots each still has one.
 */
export const slotShare = (slots: number, host: string, own: string, others: readonly string[]): number => {
  const parties = others.length + 1;
  const whole = Math.floor(slots / parties);
  const rest = slots - whole * parties;
  return Math.max(1, whole + (rankOf(host, own, others) < rest ? 1 : 0));
};
