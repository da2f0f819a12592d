/**
 * Stage 3: what a request asks of the fleet. Intent, model, zone and policy come from the body, the headers, the key and
 * the configuration. Throws a `GatewayError` for what cannot be followed.
 */

import { correctedTokens } from '../core/analysis/token-correction.ts';
import { constraintMembers } from '../core/auto/constraints.ts';
import { autoPolicy, constrained } from '../core/auto/policy.ts';
import type { Ask } from '../core/candidate.ts';
import { intended } from '../core/intent.ts';
import { isLocalOnly, zoneHeader } from '../core/local-only.ts';
import { type PolicyTable, policyFor, policyHeader } from '../core/policy-for.ts';
import { type PrefixChain, prefixChainOf } from '../core/prefix-chain.ts';
import { sessionKeyOf } from '../core/session-key.ts';
import { addText, emptyCounts, estimateTokens, expectedOutputTokens } from '../core/token-estimate.ts';
import type { PromptPart } from '../protocols/protocol.ts';
import type { JsonObject } from '../spec/json.ts';
import type { GatewaySettings, ModelSettings } from '../spec/settings.ts';
import type { Millis, Mode } from '../spec/vocabulary.ts';
import { learnOf } from './candidates.ts';
import type { Fleet, Placement, Served } from './fleet.ts';
import { lossesOf } from './losses.ts';
import { analysisOf, autoAskOf, constraintsOf, refuseUnknownGroup } from './open-model.ts';
import { type Parsed, type Resolved, wantsStream } from './stages.ts';

/** What requests are resolved with. */
export interface ResolveDeps {
  readonly fleet: Fleet;
  readonly settings: () => GatewaySettings;
  readonly policies: () => PolicyTable;
  readonly mode: () => Mode;
  readonly now: () => Millis;
}

/** The header a request names its intent in. */
export const intentHeader = 'x-pointsman-intent';

const noRules: readonly ModelSettings[] = [];
const noPlacements: readonly Placement[] = [];
const untried: readonly string[] = [];
const noParts: readonly PromptPart[] = [];

const withoutMembers = (body: JsonObject, members: readonly string[]): JsonObject =>
  Object.fromEntries(Object.entries(body).filter(([name]) => !members.includes(name)));

/** A byte is about a character, and JSON adds little: good enough where no two hosts are compared. */
const bytesPerToken = 4;

/** A picture in the units of a text: as many characters as it has tokens of its own. */
const tokensPerImage = 768;

const counted = (parts: readonly PromptPart[]): number => {
  const counts = emptyCounts();
  for (const { text, images } of parts) {
    addText(text, counts);
    counts.images += images;
  }
  return estimateTokens(counts);
};

/** As the first host that has the model would count it. */
const corrected = (tokens: number, [first]: readonly Placement[]): number =>
  first === undefined ? tokens : Math.round(correctedTokens(first.pair.tokens, tokens));

const chainOf = (parts: readonly PromptPart[], placements: readonly Placement[]): PrefixChain =>
  prefixChainOf(
    placements[0]?.upstream ?? '',
    parts.map(({ role, text, images }) =>
      images === 0
        ? { role, text }
        : { role, text, tokens: Math.ceil(text.length / bytesPerToken) + images * tokensPerImage },
    ),
  );

/** What the model usually writes, as its best known host has it. */
const typicalTokens = (placements: readonly Placement[]): number => {
  let best = placements[0]?.pair.rates;
  for (const { pair } of placements) {
    if (best === undefined || pair.rates.evidence.output > best.evidence.output) best = pair.rates;
  }
  return best?.outputTokens ?? 256;
};

/** The context it will be run with, as far as that is settled before a host is chosen. */
const contextTokensOf = (
  asked: number | undefined,
  { tokens, buckets }: GatewaySettings['context'],
): number | undefined => {
  if (tokens !== undefined || asked === undefined) return tokens;
  for (const size of buckets) if (size >= asked) return size;
  return asked;
};

const localOnlyOf = ({ received }: Parsed, rules: readonly ModelSettings[]): boolean => {
  const header = received.headers.get(zoneHeader);
  if (header === null && rules.length === 0) return received.principal.localOnly === true;
  return isLocalOnly({ header, key: received.principal, models: rules });
};

/** The conversation where a choice of hosts could heed it. */
const conversationOf = (
  parsed: Parsed,
  ask: Pick<Ask, 'intent'>,
  { affinity }: GatewaySettings,
): string | undefined => {
  if (!affinity.sessions || ask.intent !== 'fast') return undefined;
  const { headers, principal } = parsed.received;
  return sessionKeyOf({ header: (name) => headers.get(name), tenant: principal.name });
};

/** Names and rules of the model, and the intent that its name may hold. */
const modelOf = ({ received, peek }: Parsed, { fleet, settings }: ResolveDeps) =>
  intended({
    model: peek.model,
    exists: fleet.has,
    suffixes: settings().requests.intentSuffixes ? 'on' : 'off',
    body: peek.intent,
    header: received.headers.get(intentHeader),
  });

/**
 * Says what the planner is asked; the hosts' models must be known, or a suffix would be taken for a part of the name.
 * Tokens are counted and prompts hashed only where more than one host could serve.
 */
export const resolve = (parsed: Parsed, deps: ResolveDeps): Resolved => {
  const { received, peek, body, large } = parsed;
  const { protocol, operation, bytes, arrivedAt, headers } = received;
  const settings = deps.settings();
  const { model, intent } = modelOf(parsed, deps);
  const served: Served | undefined = deps.fleet.served(model);
  if (served === undefined) refuseUnknownGroup(model, deps.fleet);
  const { placements, rules } = served ?? { placements: noPlacements, rules: noRules };
  learnOf(placements, deps.now());
  const [rule] = rules;
  const context = rule?.context ?? settings.context;
  const isChoice = placements.length > 1;
  const group = served?.group;
  const parts = isChoice || large !== undefined || group ? protocol.prompt(body) : undefined;
  // What one model holds of a conversation is of no use to another.
  const isCompared =
    isChoice && !group && settings.affinity.prefixes && intent === 'fast' && operation !== 'embed';
  const own = constraintMembers(body);
  const constraints = constraintsOf(parsed, own);
  const analysis = group && analysisOf(parsed, parts ?? noParts);
  const countedTokens = analysis?.inputTokens.value ?? (parts && counted(parts));
  const ask: Ask = {
    model,
    operation: received.raw ?? operation,
    protocol: protocol.id,
    stream: wantsStream(parsed),
    intent,
    mode: deps.mode(),
    needs: peek.needs,
    localOnly: localOnlyOf(parsed, rules),
    inputTokens:
      countedTokens === undefined
        ? Math.ceil(bytes.length / bytesPerToken)
        : corrected(countedTokens, placements),
    countedTokens,
    outputTokens: expectedOutputTokens(typicalTokens(placements), peek.maxOutputTokens),
    contextTokens: contextTokensOf(peek.contextTokens, context),
    sessionKey: isChoice ? conversationOf(parsed, { intent }, settings) : undefined,
    preferred: constraints?.preferredBackend ?? rule?.preferred,
    region: settings.region,
    deadlineAt: settings.timeouts.totalMs > 0 ? arrivedAt + settings.timeouts.totalMs : undefined,
    limits: settings.limits,
    tried: untried,
    strict: parsed.strict || undefined,
    constraints,
    auto: group && analysis && autoAskOf(group, analysis),
  };
  const chosen = group
    ? autoPolicy
    : policyFor(deps.policies(), { header: headers.get(policyHeader), model: rule });
  // Member by member: to spread what came before would cost more than all else here.
  const resolved: Resolved = {
    received,
    body: own.length === 0 ? body : withoutMembers(body, own),
    ownMembers: own.length === 0 ? parsed.ownMembers : [...parsed.ownMembers, ...own],
    strict: parsed.strict,
    large,
    peek,
    remembered: parsed.remembered,
    images: parsed.images,
    ask,
    served,
    policy: constraints === undefined || group ? chosen : constrained(chosen),
    context,
    chain: isCompared && parts !== undefined ? chainOf(parts, placements) : undefined,
    neutral: undefined,
  };
  const losses = lossesOf(resolved, placements);
  return losses === undefined ? resolved : { ...resolved, ask: { ...ask, losses } };
};
