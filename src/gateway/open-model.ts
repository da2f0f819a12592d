/** A request that leaves its model open: read for what it needs, and put to the group it asked for. */

import { analyse } from '../core/analysis/analyse.ts';
import { joinedConstraints, readConstraints } from '../core/auto/constraints.ts';
import { wantedTier } from '../core/auto/tiers.ts';
import type { PromptPart } from '../protocols/protocol.ts';
import type { Analysis } from '../spec/analysis.ts';
import type { AutoAsk, Constraints } from '../spec/choice.ts';
import { GatewayError } from '../spec/gateway-error.ts';
import { asObject, asString, type JsonObject } from '../spec/json.ts';
import type { Fleet } from './fleet.ts';
import type { GroupChoice } from './groups.ts';
import { readableParts } from './long-texts.ts';
import type { Parsed } from './stages.ts';

/** How the dialects ask for JSON; the member alone tells which is meant. */
const structuredIn = (body: JsonObject): Analysis['structured']['value'] => {
  const { format } = body;
  const asked = asObject(body.response_format) ?? asObject(asObject(body.text)?.format);
  const generation = asObject(body.generationConfig);
  const type = asString(asked?.type);
  if (type === 'json_schema' || asObject(format) !== undefined) return 'schema';
  if (generation?.responseSchema !== undefined || generation?.responseJsonSchema !== undefined)
    return 'schema';
  if (type === 'json_object' || format === 'json' || generation?.responseMimeType === 'application/json')
    return 'json';
  return 'none';
};

/** What the request wants, from its own words and fields. */
export const analysisOf = ({ peek, body, received, large }: Parsed, parts: readonly PromptPart[]): Analysis =>
  analyse({
    operation: received.operation,
    ...readableParts(parts, large),
    needs: peek.needs,
    structured: structuredIn(body),
    maxOutputTokens: peek.maxOutputTokens,
  });

/** The wanted tier of the group, with the reason in a few words. */
export const autoAskOf = ({ group, forced }: GroupChoice, analysis: Analysis): AutoAsk => {
  const tiers = group.tiers.map(({ name }) => name);
  const { complexity, task } = analysis;
  const last = Math.max(0, tiers.length - 1);
  const byNeed =
    task.value === 'embedding' ? 0 : Math.min(last, wantedTier(complexity.value, group.thresholds));
  const wanted = forced === undefined ? byNeed : forced === 'weakest' ? 0 : last;
  const said = forced === undefined ? '' : `, ${forced} by name`;
  const because = `complexity ${complexity.value.toFixed(2)}, ${task.value}${said}`;
  return { group: group.name, analysis, tiers, wanted, because, weights: group.weights };
};

/** The limits of the request, in these members of its body, and of its key together; undefined where there are none. */
export const constraintsOf = (
  { body, received }: Parsed,
  members: readonly string[],
): Constraints | undefined => {
  const { constraints } = received.principal;
  return members.length > 0 ? joinedConstraints(constraints, readConstraints(body)) : constraints;
};

/** Refuses a name that can only be meant as a group's, and names those there are. */
export const refuseUnknownGroup = (model: string, fleet: Fleet): void => {
  const lower = model.toLowerCase();
  if (!lower.startsWith('auto:')) return;
  const names = fleet.groups().map(({ name }) => name);
  const known = ['fast', 'heavy', 'latest', ...names.map((name) => name.toLowerCase())];
  // A group that nobody can serve now is known all the same.
  if (known.includes(lower.slice('auto:'.length))) return;
  throw new GatewayError(
    'invalid_request',
    `there is no group '${model.slice('auto:'.length, 69)}': the groups are ${names.join(', ')}, each also with :fast or :heavy behind it`,
    { param: 'model' },
  );
};
