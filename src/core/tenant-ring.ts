/**
 * One class of the queue: its tenants in a ring, served by deficit round robin over the estimated cost of their requests,
 * so that each gets the same work done per round however many requests it has. Changes in place; no clock. Pure otherwise.
 * Imports spec.
 */

import type { Millis } from '../spec/vocabulary.ts';

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
export interface Node<Entry> {
  readonly entry: Entry;
  /** The entry's cost within bounds. */
  readonly cost: number;
  /** Order of arrival. */
  readonly order: number;
  /** When it began to wait as one of this class. */
  readonly since: Millis;
}

/** Whom the ring would serve now; taking it is a second step, since another class may go first. */
export interface Choice<Entry> {
  readonly node: Node<Entry>;
  readonly position: number;
  /** How many rounds have to pass until the tenant is owed the work. */
  readonly rounds: number;
  readonly at: Millis;
  /** The positions of the tenants that could be served. */
  readonly servable: ReadonlySet<number>;
}

export interface TenantRing<Entry extends Costed> {
  add(node: Node<Entry>): void;
  /** Whether it was there. */
  remove(node: Node<Entry>): boolean;
  /** The next in fair order among those that can be served; asks once per group of a tenant, and for each retry. */
  choose(canServe: (entry: Entry) => boolean, now: Millis): Choice<Entry> | undefined;
  /** Removes the chosen one, which must come from `choose` on the ring as it is. */
  take(choice: Choice<Entry>): void;
  /** The cost of all requests that compete. */
  cost(competes: Competes): number;
  /** The cost of those that compete and will be served before one more of this tenant. */
  costBefore(newcomer: Costed, competes: Competes): number;
}

/** Whether a group of requests waits for the same hosts. */
export type Competes = (group: string) => boolean;

/** Waiting this long moves a request up: from batch to interactive, and a tenant unserved for as long before the others. */
export const ageingMs: Millis = 30_000;

/** The work a tenant is given per round: a short answer, so that large requests wait for small ones, not the reverse. */
const quantum = 256;

/** The most a tenant is owed for rounds it took no part in: some answers, so that who asks for little waits for no backlog. */
const maxCredit = 4096;

interface Group<Entry> {
  readonly nodes: Set<Node<Entry>>;
  cost: number;
}

interface Line<Entry> {
  readonly tenant: string;
  readonly retries: Set<Node<Entry>>;
  readonly groups: Map<string, Group<Entry>>;
  /** Work the tenant is owed. */
  deficit: number;
  servedAt: Millis;
}

/** What decides between two tenants. */
interface Standing {
  /** How long it has gone without service beyond what it should; below zero when it has not. */
  readonly overdueMs: Millis;
  readonly rounds: number;
  readonly order: number;
}

/** Overdue first, then who is owed the work, by arrival, then who needs the fewest rounds, by the order of the ring. */
const goesAhead = (left: Standing, right: Standing): boolean => {
  if (left.overdueMs >= 0 || right.overdueMs >= 0) return left.overdueMs > right.overdueMs;
  if (left.rounds !== right.rounds) return left.rounds < right.rounds;
  return left.rounds === 0 && left.order < right.order;
};

const isAbsent = <Entry>(line: Line<Entry>): boolean => line.groups.size === 0 && line.retries.size === 0;

const costOf = <Entry extends Costed>({ groups, retries }: Line<Entry>, competes: Competes): number => {
  let cost = 0;
  for (const [name, group] of groups) if (competes(name)) cost += group.cost;
  for (const node of retries) if (competes(node.entry.group)) cost += node.cost;
  return cost;
};

/** The first of a tenant that can be served: its retries, then in order of arrival. */
const headOf = <Entry>(line: Line<Entry>, canServe: (entry: Entry) => boolean): Node<Entry> | undefined => {
  for (const node of line.retries) if (canServe(node.entry)) return node;
  let head: Node<Entry> | undefined;
  for (const { nodes } of line.groups.values()) {
    const [first] = nodes;
    if (first === undefined || (head !== undefined && head.order < first.order)) continue;
    if (canServe(first.entry)) head = first;
  }
  return head;
};

/** An empty ring. */
export const createTenantRing = <Entry extends Costed>(): TenantRing<Entry> => {
  /** A tenant stays after its last request until it is owed the most there is, which is what a newcomer is owed. */
  let lines: Line<Entry>[] = [];
  const byTenant = new Map<string, Line<Entry>>();
  let cursor = 0;
  let size = 0;

  const lineOf = (tenant: string): Line<Entry> => {
    const known = byTenant.get(tenant);
    if (known !== undefined) return known;
    const line: Line<Entry> = {
      tenant,
      retries: new Set(),
      groups: new Map(),
      deficit: maxCredit,
      servedAt: -Infinity,
    };
    byTenant.set(tenant, line);
    // Last in the round that is under way.
    lines.splice(cursor, 0, line);
    cursor = (cursor + 1) % lines.length;
    return line;
  };

  /** Lets rounds pass up to and with the chosen one: a quantum each to those who could be served, and to the absent. */
  const pass = ({ position, rounds, servable }: Choice<Entry>): void => {
    const chosen = lines[position];
    const kept: Line<Entry>[] = [];
    let visits = rounds;
    for (let step = 0; step < lines.length; step += 1) {
      const at = (cursor + step) % lines.length;
      const line = lines[at];
      if (line === undefined) continue;
      if (isAbsent(line) || servable.has(at)) line.deficit += visits * quantum;
      if (isAbsent(line) && line.deficit >= maxCredit) byTenant.delete(line.tenant);
      else kept.push(line);
      if (line === chosen) visits = rounds - 1;
    }
    lines = kept;
    cursor = chosen === undefined ? 0 : kept.indexOf(chosen);
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
      const group = line.groups.get(name) ?? { nodes: new Set(), cost: 0 };
      group.nodes.add(node);
      group.cost += node.cost;
      line.groups.set(name, group);
    },
    remove: (node) => {
      const line = byTenant.get(node.entry.tenant);
      const group = line?.groups.get(node.entry.group);
      if (group?.nodes.delete(node)) {
        group.cost -= node.cost;
        if (group.nodes.size === 0) line?.groups.delete(node.entry.group);
      } else if (!line?.retries.delete(node)) return false;
      size -= 1;
      if (size > 0) return true;
      // Nobody waits, so nobody was wronged: what was owed is forgotten.
      lines = [];
      byTenant.clear();
      cursor = 0;
      return true;
    },
    choose: (canServe, now) => {
      let best:
        | { readonly node: Node<Entry>; readonly position: number; readonly standing: Standing }
        | undefined;
      const servable = new Set<number>();
      for (let step = 0; step < lines.length; step += 1) {
        const position = (cursor + step) % lines.length;
        const line = lines[position];
        const node = line && headOf(line, canServe);
        if (line === undefined || node === undefined) continue;
        servable.add(position);
        const standing: Standing = {
          overdueMs: now - ageingMs - Math.max(line.servedAt, node.since),
          rounds: Math.max(0, Math.ceil((node.cost - line.deficit) / quantum)),
          order: node.order,
        };
        if (best === undefined || goesAhead(standing, best.standing)) best = { node, position, standing };
      }
      if (best === undefined) return undefined;
      const { node, position, standing } = best;
      return { node, position, rounds: standing.overdueMs >= 0 ? 0 : standing.rounds, at: now, servable };
    },
    take(choice) {
      const { node, position, rounds, at } = choice;
      const line = lines[position];
      if (line === undefined) return;
      if (rounds > 0) pass(choice);
      const isItsTurn = lines[cursor] === line;
      line.deficit -= node.cost;
      line.servedAt = at;
      this.remove(node);
      if (!isItsTurn || size === 0) return;
      const next = headOf(line, () => true);
      if (next === undefined || next.cost > line.deficit) cursor = (cursor + 1) % lines.length;
    },
    cost: (competes) => lines.reduce((sum, line) => sum + costOf(line, competes), 0),
    costBefore: ({ tenant, cost }, competes) => {
      const own = byTenant.get(tenant);
      const ownCost = own === undefined ? 0 : costOf(own, competes);
      // Work that is owed goes by arrival; beyond it every tenant gets as much as this one until it is served.
      const beyond = Math.max(0, ownCost + cost - Math.max(0, own?.deficit ?? maxCredit));
      let before = ownCost;
      for (const line of lines)
        if (line !== own) before += Math.min(costOf(line, competes), Math.max(0, line.deficit) + beyond);
      return before;
    },
  };
};
