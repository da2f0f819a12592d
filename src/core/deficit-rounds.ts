/**
 * One class of the queue: its tenants, served by deficit round robin over the estimated cost of their requests, so that
 * each gets the same work done per round however many requests it has. Changes in place; no clock. Pure otherwise.
 * Imports spec.
 */

import type { Millis } from '../spec/vocabulary.ts';
import { isBefore, placeOf, type Turn } from './turn.ts';

/** What fairness needs of a request. */
export interface Costed {
  readonly tenant: string;
  /** Requests of one group can be served by the same hosts; a retry is asked for by itself. */
  readonly group: string;
  /** Estimated work in tokens: a token written, or five read. */
  readonly cost: number;
  /** Attempts that already failed; a retry goes ahead of its tenant's other requests. */
  readonly failedAttempts: number;
}

/** A request in line. */
export interface Node<Entry> extends Turn {
  readonly entry: Entry;
  /** The entry's cost within bounds. */
  readonly cost: number;
  /** When it began to wait as one of this class. */
  readonly since: Millis;
}

/** The requests of one tenant. */
export interface Line<Entry> {
  readonly tenant: string;
  readonly retries: Set<Node<Entry>>;
  readonly groups: Map<string, Group<Entry>>;
  /** Work the tenant is owed. */
  deficit: number;
  servedAt: Millis;
}

/** Requests of one tenant that can be served by the same hosts, whose turn comes first in front. */
export interface Group<Entry> {
  readonly nodes: Node<Entry>[];
  cost: number;
}

/**
 * Whether a request can be served now. `waits`: it would rather have a host that is full, and whoever of its group is
 * behind it may think otherwise; false goes for the whole group.
 */
export type CanServe<Entry> = (entry: Entry) => boolean | 'waits';

/** Who would be served now; taking it is a second step, since another class may go first. */
export interface Choice<Entry> {
  readonly node: Node<Entry>;
  /** How many rounds have to pass until the tenant is owed the work. */
  readonly rounds: number;
  readonly at: Millis;
  /** The tenants that could be served. */
  readonly servable: ReadonlySet<Line<Entry>>;
}

export interface DeficitRounds<Entry extends Costed> {
  add(node: Node<Entry>): void;
  /** Whether it was there. */
  remove(node: Node<Entry>): boolean;
  /** The next in fair order among those that can be served; asks each group of a tenant until it knows, and each retry. */
  choose(canServe: CanServe<Entry>, now: Millis): Choice<Entry> | undefined;
  /** Removes the chosen one, which must come from `choose` on what is there now. */
  take(choice: Choice<Entry>): void;
  /** The cost of all requests that compete. */
  cost(competes: Competes): number;
  /** The cost of those that compete and will be served before one more of this tenant. */
  costBefore(newcomer: Costed, turnAt: Millis, competes: Competes): number;
}

/** Whether a group of requests waits for the same hosts. */
export type Competes = (group: string) => boolean;

/** Waiting this long moves a request up: from batch to interactive, and a tenant unserved for as long before the others. */
export const ageingMs: Millis = 30_000;

/** The work a tenant is given per round: a short answer, so that large requests wait for small ones, not the reverse. */
const quantum = 256;

/** The most a tenant is owed for rounds it took no part in: some answers, so that who asks for little waits for no backlog. */
const maxCredit = 4096;

/** What decides between two tenants. */
interface Standing {
  /** How long it went without service beyond what anybody should; below zero when it did not. */
  readonly overdueMs: Millis;
  readonly rounds: number;
  readonly order: number;
}

/** Overdue first, then who needs the fewest rounds to be owed the work, then who came first. */
const goesAhead = (left: Standing, right: Standing): boolean => {
  if (left.overdueMs >= 0 || right.overdueMs >= 0) return left.overdueMs > right.overdueMs;
  return left.rounds === right.rounds ? left.order < right.order : left.rounds < right.rounds;
};

const isAbsent = <Entry>(line: Line<Entry>): boolean => line.groups.size === 0 && line.retries.size === 0;

const costOf = <Entry extends Costed>(
  { groups, retries }: Line<Entry>,
  competes: Competes,
  before = Infinity,
): number => {
  let cost = 0;
  for (const [name, { nodes, cost: whole }] of groups) {
    if (!competes(name)) continue;
    if ((nodes.at(-1)?.turnAt ?? 0) <= before) cost += whole;
    else for (const node of nodes) cost += node.turnAt <= before ? node.cost : 0;
  }
  for (const node of retries) if (competes(node.entry.group)) cost += node.cost;
  return cost;
};

/** The first of a tenant that can be served: its retries, then by turn, past whoever would rather wait. */
const headOf = <Entry extends Costed>(
  line: Line<Entry>,
  canServe: CanServe<Entry>,
): Node<Entry> | undefined => {
  for (const node of line.retries) if (canServe(node.entry) === true) return node;
  /** By group: who is next to be asked. */
  const open = new Map<Group<Entry>, number>();
  for (const group of line.groups.values()) open.set(group, 0);
  for (;;) {
    let first:
      | { readonly group: Group<Entry>; readonly index: number; readonly node: Node<Entry> }
      | undefined;
    for (const [group, index] of open) {
      const node = group.nodes[index];
      if (node === undefined) open.delete(group);
      else if (first === undefined || isBefore(node, first.node)) first = { group, index, node };
    }
    if (first === undefined) return undefined;
    const { group, index, node } = first;
    const answer = canServe(node.entry);
    if (answer === true) return node;
    if (answer === 'waits') open.set(group, index + 1);
    else open.delete(group);
  }
};

/** Nobody waits. */
export const createDeficitRounds = <Entry extends Costed>(): DeficitRounds<Entry> => {
  /** A tenant stays after its last request until it is owed the most there is, which is what a newcomer is owed. */
  const lines = new Map<string, Line<Entry>>();
  let size = 0;

  const lineOf = (tenant: string): Line<Entry> => {
    const known = lines.get(tenant);
    if (known !== undefined) return known;
    const line: Line<Entry> = {
      tenant,
      retries: new Set(),
      groups: new Map(),
      deficit: maxCredit,
      servedAt: -Infinity,
    };
    lines.set(tenant, line);
    return line;
  };

  const remove = (node: Node<Entry>): boolean => {
    const line = lines.get(node.entry.tenant);
    const group = line?.groups.get(node.entry.group);
    const place = group === undefined ? 0 : placeOf(group.nodes, node);
    if (group?.nodes[place] === node) {
      group.nodes.splice(place, 1);
      group.cost -= node.cost;
      if (group.nodes.length === 0) line?.groups.delete(node.entry.group);
    } else if (!line?.retries.delete(node)) return false;
    size -= 1;
    // Nobody waits, so nobody was wronged: what was owed is forgotten.
    if (size === 0) lines.clear();
    return true;
  };

  return {
    add: (node) => {
      const { tenant, group: name, failedAttempts } = node.entry;
      const line = lineOf(tenant);
      size += 1;
      if (failedAttempts > 0) {
        line.retries.add(node);
        return;
      }
      const group = line.groups.get(name) ?? { nodes: [], cost: 0 };
      group.nodes.splice(placeOf(group.nodes, node), 0, node);
      group.cost += node.cost;
      line.groups.set(name, group);
    },
    remove,
    choose: (canServe, now) => {
      let best: { readonly node: Node<Entry>; readonly standing: Standing } | undefined;
      const servable = new Set<Line<Entry>>();
      for (const line of lines.values()) {
        const node = headOf(line, canServe);
        if (node === undefined) continue;
        servable.add(line);
        const standing: Standing = {
          overdueMs: now - ageingMs - Math.max(line.servedAt, node.since),
          rounds: Math.max(0, Math.ceil((node.cost - line.deficit) / quantum)),
          order: node.order,
        };
        if (best === undefined || goesAhead(standing, best.standing)) best = { node, standing };
      }
      if (best === undefined) return undefined;
      const { node, standing } = best;
      return { node, rounds: standing.overdueMs >= 0 ? 0 : standing.rounds, at: now, servable };
    },
    take: ({ node, rounds, at, servable }) => {
      // The rounds pass: a quantum each to those who could be served, and to the absent.
      for (const line of rounds > 0 ? lines.values() : []) {
        if (isAbsent(line) || servable.has(line)) line.deficit += rounds * quantum;
        if (isAbsent(line) && line.deficit >= maxCredit) lines.delete(line.tenant);
      }
      const line = lines.get(node.entry.tenant);
      if (line === undefined) return;
      line.deficit -= node.cost;
      line.servedAt = at;
      remove(node);
    },
    cost: (competes) => {
      let cost = 0;
      for (const line of lines.values()) cost += costOf(line, competes);
      return cost;
    },
    costBefore: ({ tenant, cost }, turnAt, competes) => {
      const own = lines.get(tenant);
      const ownCost = own === undefined ? 0 : costOf(own, competes, turnAt);
      // Work that is owed goes by arrival; beyond it every tenant gets as much as this one until it is served.
      const beyond = Math.max(0, ownCost + cost - Math.max(0, own?.deficit ?? maxCredit));
      let before = ownCost;
      for (const line of lines.values())
        if (line !== own) before += Math.min(costOf(line, competes), Math.max(0, line.deficit) + beyond);
      return before;
    },
  };
};
