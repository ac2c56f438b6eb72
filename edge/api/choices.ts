import { overridden } from "../overrides.ts";

/** One undocumented point of the API, decided. */
export interface ChoiceRow<T> {
  readonly chosen: T;
  readonly options: readonly T[];
  readonly question: string;
  /** Why this one: where two answers are plausible, the one that hurts a careless client more. */
  readonly reason: string;
}

/** Freezes the literal types of a row. */
function row<const T>(chosen: T, options: readonly T[], question: string, reason: string): ChoiceRow<T> {
  return { chosen, options, question, reason };
}

/** Every undocumented answer of the API that could plausibly be another one. */
export const choiceTable = {
  emptyKeySet: row<"accept" | "refuse">(
    "accept",
    ["accept", "refuse"],
    "What does a credentials write with no (supported) key answer?",
    "Accepting it locks everybody out; a client has to guard against it itself.",
  ),
  unsupportedKey: row<"drop" | "refuse">(
    "drop",
    ["drop", "refuse"],
    "What happens to a key of a kind that is not supported?",
    "Documented as dropped in silence; whether every write does so is not.",
  ),
  weakKey: row<"refuse" | "drop">(
    "refuse",
    ["refuse", "drop"],
    "What does an RSA key under 2048 bits, a short or padded HMAC secret, or a broken point answer?",
    "The documentation calls these conditions of a supported kind, so an error is likelier than silence.",
  ),
  credentialsTouchLastUpdated: row(
    false,
    [false, true],
    "Does a credentials write change last_updated of the configuration?",
    "No: nobody may take an unchanged last_updated for unchanged keys.",
  ),
  deleteUsedConfiguration: row<"allow" | "refuse">(
    "allow",
    ["allow", "refuse"],
    "Can a configuration be deleted while a token validation rule names it?",
    "Allowed: the rule stays and its is_jwt_valid turns false, which blocks everybody.",
  ),
  unknownConfigurationInRule: row<"refuse" | "accept">(
    "refuse",
    ["refuse", "accept"],
    "May is_jwt_valid in a token rule name a configuration that does not exist?",
    "The argument is documented as the id of an existing configuration.",
  ),
  newTokenRulePosition: row<"last" | "first">(
    "last",
    ["last", "first"],
    "Where does a new token validation rule go?",
    "At the end, with the lowest precedence: a new rule then may change nothing.",
  ),
  tokenRulePositionOnCreate: row<"ignore" | "honour">(
    "ignore",
    ["ignore", "honour"],
    "Does `position` count when a token validation rule is created?",
    "Documented for PATCH only, though the provider sends it; a rule that was to come first then may be last.",
  ),
  tokenRuleIndexBase: row<1 | 0>(
    1,
    [1, 0],
    "Does position.index of a token validation rule count from 0 or 1?",
    "From 1, as in rulesets; the recordings send 1 for a single rule.",
  ),
  unknownOperationInSelector: row<"accept" | "refuse">(
    "accept",
    ["accept", "refuse"],
    "May a selector exclude an operation that does not exist?",
    "Accepted: a stale exclusion goes unnoticed.",
  ),
  bulkDeleteWithoutBody: row<"all" | "refuse">(
    "all",
    ["all", "refuse"],
    "What does a bulk DELETE of operations or secrets without a body do?",
    "The SDK sends no body and cannot name any; deleting everything is the answer to be afraid of.",
  ),
  putWithoutRules: row<"keep" | "clear">(
    "keep",
    ["keep", "clear"],
    "Do the rules stay when a ruleset PUT has no rules member?",
    "An example in the documentation shows them staying.",
  ),
  putMissingEntryPoint: row<"create" | "refuse">(
    "create",
    ["create", "refuse"],
    "Does PUT on a phase without entry point create it?",
    "Creating it hides a wrong phase name of the right form.",
  ),
  getMissingEntryPoint: row<404 | 400>(
    404,
    [404, 400],
    "Which status does GET on a phase without entry point answer?",
    "404, as for any missing object.",
  ),
  renamedRuleset: row<"refuse" | "ignore">(
    "refuse",
    ["refuse", "ignore"],
    "What does a ruleset PUT with another name, kind or phase answer?",
    "They are immutable; ignoring would leave a client believing in the new name.",
  ),
  rulesetDelete: row<204 | 200>(
    204,
    [204, 200],
    "Does DELETE of a ruleset answer 204 or an envelope?",
    "The SDK's types say 204.",
  ),
  concurrentRulesetWrites: row<number>(
    1,
    [1, Number.POSITIVE_INFINITY],
    "How many writes to one ruleset may be under way at once?",
    "Documented as limited without a number; one is the strictest.",
  ),
  rateLimitSeconds: row<"short" | "long">(
    "short",
    ["short", "long"],
    "Which seconds may a rate limit's period and timeout have: 6 and 8 values, or the list of 21?",
    "Two pages differ; the shorter lists are valid under both.",
  ),
  unknownRoute: row<404 | 400>(
    404,
    [404, 400],
    "Which status does an unknown path answer?",
    "Both have been seen; the body is the same.",
  ),
  missingObject: row<404 | 400>(
    404,
    [404, 400],
    "Which status does an unknown id of the right form answer?",
    "404: clients take it for deleted, so it must not be used for anything else.",
  ),
  enterpriseTrial: row(
    true,
    [true, false],
    "May an Enterprise zone without API Shield use token validation?",
    "Documented as a non-contract service.",
  ),
  policyCreateAnswersIdOnly: row(
    false,
    [false, true],
    "Does creating a notification policy answer only the id?",
    "The SDK's type has only the id; the recordings show the whole object.",
  ),
} as const;

export type ChoiceName = keyof typeof choiceTable;

/** The value of each choice. */
export type Choices = { readonly [K in ChoiceName]: (typeof choiceTable)[K]["options"][number] };

const defaults = Object.fromEntries(
  Object.entries(choiceTable).map(([name, each]) => [name, each.chosen]),
) as unknown as Choices;

/** All choices as the table has them, with `overrides` put over them; an unknown name or value is a RangeError. */
export function resolveChoices(overrides: Partial<Choices> = {}): Choices {
  return overridden(defaults, overrides, (name) => choiceTable[name].options);
}
