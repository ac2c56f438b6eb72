import type { Acceptable } from "../facts/pathTricks.ts";
import { UNREAD_PATH } from "./paths.ts";
import type { Reading } from "./reading.ts";
import { leavesOf } from "./requirementTree.ts";
import type { RulePlace } from "./rules.ts";
import type { RuleShape } from "./schema.ts";
import { says } from "./shape.ts";
import type { PlacedMatch, RateLimit, Requirement } from "./types.ts";

/** What of a rule decides whether it can accept something. */
interface Accepting {
  readonly matches: readonly PlacedMatch[];
  readonly require: Requirement | undefined;
  readonly rateLimit: RateLimit | undefined;
}

/** Reads what a rule accepts, and reports what it cannot: whatever way a request is read, the rule must be the same. */
export function readAccepts(
  reading: Reading,
  { accepts }: RuleShape,
  base: RulePlace,
  rule: Accepting,
): readonly Acceptable[] {
  if (accepts === undefined) return [];
  const { source } = reading.file;
  const report = (at: readonly PropertyKey[], message: string, hint: string) =>
    reading.report("ACCEPTS_INVALID", source.at([...base, "accepts", ...at]), message, hint);
  if (base[0] === "always" || !says(source, [...base, "require"])) {
    report(
      [],
      "a rule that decides nothing accepts nothing",
      "write accepts at a rule with require that is not under always; require: none decides too",
    );
    return [];
  }
  return accepts.flatMap((kind, index) => {
    if (kind === undefined) return [];
    const fault = faultOf(kind, rule);
    if (fault === undefined) return [kind];
    report([index], `${kind} is not accepted here: ${fault[0]}`, fault[1]);
    return [];
  });
}

function faultOf(
  kind: Acceptable,
  { matches, require, rateLimit }: Accepting,
): readonly [message: string, hint: string] | undefined {
  const asked = leavesOf(require).map((leaf) => leaf.kind);
  if (asked.includes("where")) {
    return [
      "a condition in require sees the request in one way alone",
      "write another rule, without where and addresses, for what accepts it",
    ];
  }
  switch (kind) {
    case "encoded-slash":
    case "double-slash": {
      const isFolder = ({ path }: PlacedMatch) =>
        path === UNREAD_PATH || (path.rest && path.segments.every((segment) => typeof segment === "string"));
      return matches.every(isFolder)
        ? undefined
        : [
            "some servers read such a path as one with other segments",
            "accept it below a folder, such as path: /files/*",
          ];
    }
    case "method-override":
      return matches.every(({ methods }) => methods === undefined)
        ? undefined
        : ["the origin takes another method than the rule sees", "leave method out of the match"];
    case "second-token":
      // Where a token may be left out, one is asked for beside.
      return asked.includes("token") || rateLimit?.per.kind === "claim"
        ? [
            "which of two tokens Cloudflare verifies is not documented, and the origin may read the other",
            "accept it where no token is asked for, or let clients send one",
          ]
        : undefined;
  }
}
