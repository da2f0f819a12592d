/** The groups of models as what can be asked for: names that stand for several models on several hosts. */

import { cardWith } from '../core/auto/declared.ts';
import { automaticTiers, defaultThresholds, defaultWeights, type Installed } from '../core/auto/tiers.ts';
import type { ModelGroup, ModelTier } from '../spec/choice.ts';
import type { BackendId } from '../spec/vocabulary.ts';
import type { Placement } from './placement.ts';

/** A group by one of its names. */
export interface GroupChoice {
  /** With its tiers as they are now. */
  readonly group: ModelGroup;
  /** What the name asks for, whatever the request needs. */
  readonly forced: 'weakest' | 'strongest' | undefined;
}

/** A group with all that may serve it. */
export interface GroupServed {
  readonly name: string;
  readonly choice: GroupChoice;
  readonly placements: readonly Placement[];
}

/** The group there always is. */
export const generalGroup: ModelGroup = { name: 'auto', tiers: [], thresholds: [], weights: defaultWeights };

/** What groups are made from. */
export interface GroupFacts {
  readonly groups: readonly ModelGroup[];
  /** By the name models are shown under. */
  readonly shown: ReadonlyMap<string, readonly Placement[]>;
  /** The placements of a name that clients use. */
  readonly find: (model: string) => readonly Placement[];
  /** Whether what is configured for the model keeps it off that placement. */
  readonly isKeptLocal: (model: string, placement: Placement) => boolean;
}

const installedIn = (shown: GroupFacts['shown'], find: GroupFacts['find']): readonly Installed[] =>
  [...shown].flatMap(([name, [first]]) => {
    const placement = find(name)[0] ?? first;
    if (placement === undefined) return [];
    const { declared, pair, host } = placement;
    const card = declared === undefined ? pair.card : cardWith(pair.card, declared);
    return [{ name, card, zone: host.backend.options.zone }];
  });

const placementsOf = (
  tiers: readonly ModelTier[],
  { find, isKeptLocal }: GroupFacts,
): readonly Placement[] => {
  const seen = new Set<string>();
  const all: Placement[] = [];
  for (const [tier, { models }] of tiers.entries()) {
    for (const model of models) {
      for (const placement of find(model)) {
        const id: BackendId = placement.host.backend.options.id;
        const key = `${id}\n${placement.upstream}`;
        if (seen.has(key) || isKeptLocal(model, placement)) continue;
        seen.add(key);
        all.push({ ...placement, model, tier });
      }
    }
  }
  return all;
};

/** The tiers of a group: as configured, else from all that is installed. */
export const tiersOf = (
  group: ModelGroup,
  { shown, find }: Pick<GroupFacts, 'shown' | 'find'>,
): ModelGroup => {
  if (group.tiers.length > 0) return group;
  const tiers = automaticTiers(installedIn(shown, find));
  const own = group.thresholds;
  const thresholds =
    own.length === 1 && tiers.length === 3
      ? [Math.round((own[0] ?? 0) * 500) / 1000, own[0] ?? 0]
      : own.length === tiers.length - 1
        ? own
        : defaultThresholds(tiers.length);
  return { ...group, tiers, thresholds };
};

/** Every name that stands for a group, lower-cased, with what may serve it; groups nobody can serve are left out. */
export const servedGroups = (facts: GroupFacts): readonly GroupServed[] =>
  facts.groups.flatMap((configured) => {
    const group = tiersOf(configured, facts);
    const placements = placementsOf(group.tiers, facts);
    if (placements.length === 0) return [];
    const name = group.name.toLowerCase();
    const named = (suffix: string, forced: GroupChoice['forced']): GroupServed => ({
      name: `${name}${suffix}`,
      choice: { group, forced },
      placements,
    });
    return [
      named('', undefined),
      named(':latest', undefined),
      named(':fast', 'weakest'),
      named(':heavy', 'strongest'),
      ...(name === generalGroup.name ? [] : [{ ...named('', undefined), name: `auto:${name}` }]),
    ];
  });
