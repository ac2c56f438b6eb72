import type { Reason } from "../facts/answers.ts";
import { METHODS } from "../facts/methods.ts";
import type { Position } from "../problem/problem.ts";
import { readAccepts } from "./accepts.ts";
import { readAnswers } from "./answers.ts";
import { readMode, unchanging } from "./modes.ts";
import { nearest } from "./nearest.ts";
import { parsePath, UNREAD_PATH } from "./paths.ts";
import { readRateLimit } from "./rateLimits.ts";
import { listOf, type Reading } from "./reading.ts";
import { readRequirement } from "./requirements.ts";
import { leavesOf } from "./requirementTree.ts";
import type { ExceptionShape, MatchShape, RuleShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { says } from "./shape.ts";
import type {
  Exception,
  PathPattern,
  PlacedMatch,
  Requirement,
  Rule,
  StagedMode,
  TokenUse,
  Zone,
} from "./types.ts";

/** Where in its file a rule stands. */
export type RulePlace = readonly [list: "rules" | "always", index: number];

const RULE_ID = /^[a-z][a-z0-9-]{0,62}$/;

/**
 * Reads one rule of a file; what of it cannot be read stands for the least that it could be.
 *
 * @param fileMode the mode of rules that state none
 */
export function readRule(
  reading: Reading,
  rule: RuleShape,
  base: RulePlace,
  uses: readonly TokenUse[],
  fileMode: StagedMode,
  zones: readonly (Zone | undefined)[],
): Rule {
  const { source } = reading.file;
  const at = {
    self: source.at([...base, "id"]),
    match: source.at([...base, "match"]),
    require: source.at([...base, "require"]),
    rateLimit: source.at([...base, "rateLimit"]),
    expression: source.at([...base, "expression"]),
    mode: source.at([...base, "mode"]),
    accepts: source.at([...base, "accepts"]),
  };
  const id = rule.id ?? `${base[1] + 1}${base[0] === "always" ? " under always" : ""} of ${source.path}`;
  const said = (member: string) => says(source, [...base, member]);
  if (rule.id !== undefined) checkId(reading, rule.id, at.self);
  if (rule.was !== undefined) checkId(reading, rule.was, source.at([...base, "was"]));
  const matches = said("match")
    ? readMatches(reading, rule.match, [...base, "match"])
    : [{ path: EVERY_PATH, at: at.match }];
  const require = readRequirement(reading, rule, base, uses, zones);
  const mode =
    rule.mode !== undefined
      ? readMode(reading, rule.mode, [...base, "mode"])
      : said("mode")
        ? unchanging("block")
        : fileMode;
  const rateLimit = readRateLimit(reading, rule, base, require, uses, mode);
  if (!said("require") && !said("rateLimit") && !said("expression")) {
    reading.report(
      "RULE_EMPTY",
      at.self,
      `the rule ${show(id)} requires nothing and limits nothing`,
      "add require, rateLimit or expression; a path that needs no token says require: none",
    );
  }
  const answers = readAnswers(reading, rule.answers, [...base, "answers"], reasonsOf(require, rule), id);
  if (require?.kind === "none" && mode.later.length > 0) {
    reading.report(
      "MODE_STAGES_INVALID",
      at.mode,
      `${show(id)} requires nothing, so its stages would open requests on a date`,
      "write one mode; to open something, change the rules on that day",
    );
  }
  if (base[0] === "always" && require?.kind === "none") {
    reading.report(
      "RULE_EMPTY",
      at.require,
      `the rule ${show(id)} under always requires nothing, and opens nothing there`,
      "move it to rules, where the most specific rule decides, or remove it",
    );
  }
  if ((says(source, [...base, "before"]) || says(source, [...base, "after"])) && !said("expression")) {
    reading.report(
      "RULE_ORDER_WITHOUT_EXPRESSION",
      at.self,
      `${show(id)} has before or after, and no expression that they could order`,
      "remove them: of rules that require something the most specific decides, and those under always hold besides",
    );
  }
  if (rule.expression !== undefined && rule.rateLimit !== undefined) {
    reading.report(
      "EXPRESSION_BESIDE_LIMIT",
      at.expression,
      `the expression of ${show(id)} refuses every request it holds for; it does not narrow the limit beside it`,
      "write two rules: one with the expression, one with match and rateLimit",
    );
  }
  return {
    id,
    ...(rule.was === undefined ? {} : { was: rule.was }),
    always: base[0] === "always",
    matches,
    ...(require === undefined ? {} : { require }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(rule.expression === undefined ? {} : { expression: rule.expression }),
    mode,
    answers,
    accepts: readAccepts(reading, rule, base, { matches, require, rateLimit }),
    before: listOf(rule.before),
    after: listOf(rule.after),
    at,
  };
}

/** Why a rule may refuse. */
function reasonsOf(
  require: Requirement | undefined,
  { expression, rateLimit }: RuleShape,
): readonly Reason[] {
  const kinds = leavesOf(require).map(({ kind }) => kind);
  return [
    ...(kinds.includes("token") ? (["token", "claims"] as const) : []),
    ...(kinds.includes("link") ? (["link"] as const) : []),
    ...(kinds.some((kind) => kind !== "token" && kind !== "link") ? (["where"] as const) : []),
    ...(expression === undefined ? [] : (["expression"] as const)),
    ...(rateLimit === undefined ? [] : (["limit"] as const)),
  ];
}

const EVERY_PATH: PathPattern = { text: "/*", segments: [], rest: true };

function readMatches(
  reading: Reading,
  match: MatchShape | undefined,
  place: readonly PropertyKey[],
): PlacedMatch[] {
  const { source } = reading.file;
  const whole = source.at(place);
  if (match === undefined) return [{ path: UNREAD_PATH, at: whole }];
  const methods =
    match.method === undefined ? undefined : readMethods(reading, listOf(match.method), [...place, "method"]);
  const { path = "" } = match;
  const texts = Array.isArray(path)
    ? path.map((text, index) => ({ text, place: [...place, "path", index] }))
    : [{ text: path, place: [...place, "path"] }];
  return texts.map((each) => ({
    path: readPath(reading, each.text, each.place),
    ...(methods === undefined ? {} : { methods }),
    at: texts.length > 1 ? source.at(each.place) : whole,
  }));
}

/** A path that is missing or does not fit was told of before. */
function readPath(reading: Reading, text: string | undefined, place: readonly PropertyKey[]): PathPattern {
  if (text === undefined || text === "") return UNREAD_PATH;
  const parsed = parsePath(text);
  if (!("message" in parsed)) return parsed;
  reading.report(
    "PATH_INVALID",
    reading.file.source.at(place),
    `${show(text)}: ${parsed.message}`,
    parsed.hint,
  );
  return UNREAD_PATH;
}

function readMethods(reading: Reading, names: readonly string[], path: readonly PropertyKey[]): string[] {
  const methods = new Set<string>();
  for (const name of names) {
    if (METHODS.includes(name)) methods.add(name);
    else {
      const guess = METHODS.find((method) => method === name.toUpperCase()) ?? nearest(name, METHODS);
      reading.report(
        "METHOD_INVALID",
        reading.file.source.at(path),
        `${show(name)} is not a method`,
        guess === undefined ? `use one of ${METHODS.join(", ")}` : `did you mean ${guess}?`,
      );
    }
  }
  const targeted = ["COPY", "MOVE"].filter((method) => methods.has(method));
  if (targeted.length > 0) {
    reading.report(
      "METHOD_HAS_TARGET",
      reading.file.source.at(path),
      `what ${targeted.join(" and ")} may write to stands in the header Destination, and no rule looks at it`,
      "let the origin refuse a Destination that the caller may not write to",
    );
  }
  // Origins answer HEAD as GET without the body (RFC 9110 section 9.3.2), so whoever guards one guards both.
  if (methods.has("GET")) methods.add("HEAD");
  return METHODS.filter((method) => methods.has(method));
}

/** Reads one exception of a file. */
export function readException(reading: Reading, exception: ExceptionShape, index: number): Exception {
  const { source } = reading.file;
  const at = source.at(["except", index, "id"]);
  if (exception.id !== undefined) checkId(reading, exception.id, at);
  const matches = readMatches(reading, exception.match, ["except", index, "match"]);
  return { id: exception.id ?? `exception ${index + 1} of ${source.path}`, matches, at };
}

function checkId(reading: Reading, id: string, at: Position): void {
  if (RULE_ID.test(id) && !(id in {})) return;
  reading.report(
    "RULE_ID_INVALID",
    at,
    `${show(id)} cannot be an id`,
    "use a small letter, then up to 62 of a-z, 0-9 and -",
  );
}
