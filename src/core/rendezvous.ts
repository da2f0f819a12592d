/**
 * Rendezvous hashing: every key has its own order of the nodes, found without a stored table,
 * so that all instances agree and a node that comes or goes moves only its own keys. Pure.
 */

import { hashText } from './hash.ts';

/** How strongly a key is drawn to a node: an integer of 53 bits, independent of all other nodes. */
export const weight = (key: number, node: string): number => hashText(node, key);

/** The nodes in the order this key prefers them, highest random weight first, whatever order they are given in. */
export const rank = (key: number, nodes: readonly string[]): readonly string[] =>
  nodes
    .map((node) => ({ node, drawn: weight(key, node) }))
    .sort((left, right) => right.drawn - left.drawn || (left.node < right.node ? -1 : 1))
    .map(({ node }) => node);
