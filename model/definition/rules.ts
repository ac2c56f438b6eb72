import { METHODS } from "../facts/methods.ts";
import type { Position } from "../problem/problem.ts";
import { nearest } from "./nearest.ts";
import { parsePath, UNREAD_PATH } from "./paths.ts";
import { readRateLimit } from "./rateLimits.ts";
import { listOf, type Reading } from "./reading.ts";
import { readRequirement } from "./requirements.ts";
import type { ExceptionShape, MatchShape, RuleShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { says } from "./shape.ts";
import type { Exception, Match, PathPattern, Rule, TokenUse } from "./types.ts";

/** Where in its file a rule stands. */
export type RulePlace = readonly [list: "rules" | "always", index: number];

const RULE_ID = /^[a-z][a-z0-9-]{0,62}$/;

/** Reads one rule of a file; what of it cannot be read stands for the least that it could be. */
export function readRule(
  reading: Reading,
  rule: RuleShape,
  base: RulePlace,
  uses: readonly TokenUse[],
): Rule {
  const { source, shape } = reading.file;
  const at = {
    self: source.at([...base, "id"]),
    match: source.at([...base, "match"]),
    require: source.at([...base, "require"]),
    rateLimit: source.at([...base, "rateLimit"]),
    expression: source.at([...base, "expression"]),
  };
  const id = rule.id ?? `${base[1] + 1}${base[0] === "always" ? " under always" : ""} of ${source.path}`;
  const said = (member: string) => says(source, [...base, member]);
  if (rule.id !== undefined) checkId(reading, rule.id, at.self);
  if (rule.was !== undefined) checkId(reading, rule.was, source.at([...base, "was"]));
  const match = said("match") ? readMatch(reading, rule.match, [...base, "match"]) : { path: EVERY_PATH };
  const require = readRequirement(reading, rule, base, uses);
  const mode = rule.mode ?? (said("mode") ? "block" : (shape.mode ?? "block"));
  const rateLimit = readRateLimit(reading, rule, base, require, uses, mode);
  if (!said("require") && !said("rateLimit") && !said("expression")) {
    reading.report(
      "RULE_EMPTY",
      at.self,
      `the rule ${show(id)} requires nothing and limits nothing`,
      "add require, rateLimit or expression; a path that needs no token says require: none",
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
    match,
    ...(require === undefined ? {} : { require }),
    ...(rateLimit === undefined ? {} : { rateLimit }),
    ...(rule.expression === undefined ? {} : { expression: rule.expression }),
    mode,
    before: listOf(rule.before),
    after: listOf(rule.after),
    at,
  };
}

const EVERY_PATH: PathPattern = { text: "/*", segments: [], rest: true };
function readMatch(reading: Reading, match: MatchShape | undefined, path: readonly PropertyKey[]): Match {
  if (match === undefined) return { path: UNREAD_PATH };
  const { source } = reading.file;
  const methods =
    match.method === undefined ? undefined : readMethods(reading, listOf(match.method), [...path, "method"]);
  const readable = { path: UNREAD_PATH, ...(methods === undefined ? {} : { methods }) };
  if (match.path === undefined) return readable;
  const parsed = parsePath(match.path);
  if ("message" in parsed) {
    reading.report(
      "PATH_INVALID",
      source.at([...path, "path"]),
      `${show(match.path)}: ${parsed.message}`,
      parsed.hint,
    );
    return readable;
  }
  return { ...readable, path: parsed };
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
  const match = readMatch(reading, exception.match, ["except", index, "match"]);
  return { id: exception.id ?? `exception ${index + 1} of ${source.path}`, match, at };
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
