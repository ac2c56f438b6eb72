import { formatDuration } from "../facts/durations.ts";
import { rateLimitMitigations, rateLimitPeriods } from "../facts/limits.ts";
import { claimPath } from "./claimPath.ts";
import { durationAt, type Reading } from "./reading.ts";
import type { RuleShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { says } from "./shape.ts";
import type { Mode, RateLimit, RateLimitKey, Requirement, TokenUse } from "./types.ts";

/** Reads a rule's rate limit. A limit per claim counts by the ring that the rule requires, or by the file's first. */
export function readRateLimit(
  reading: Reading,
  rule: RuleShape,
  index: number,
  require: Requirement | undefined,
  uses: readonly TokenUse[],
  mode: Mode,
): RateLimit | undefined {
  const { rateLimit } = rule;
  if (rateLimit === undefined) return undefined;
  const path = ["rules", index, "rateLimit"] as const;
  const at = (member: string) => reading.file.source.at([...path, member]);
  const every = durationAt(reading, rateLimit.every, [...path, "every"]);
  const mitigation =
    rateLimit.for === undefined ? every : durationAt(reading, rateLimit.for, [...path, "for"]);
  if (every !== undefined && !rateLimitPeriods.includes(every)) {
    reading.report(
      "RATE_LIMIT_PERIOD",
      at("every"),
      `Cloudflare counts over no period of ${rateLimit.every}`,
      `use one of ${list(rateLimitPeriods)}`,
    );
  }
  if (rateLimit.for !== undefined && mitigation !== undefined && !rateLimitMitigations.includes(mitigation)) {
    reading.report(
      "RATE_LIMIT_PERIOD",
      at("for"),
      `Cloudflare refuses for no time of ${rateLimit.for}`,
      `use one of ${list(rateLimitMitigations.filter((each) => each > 0))}`,
    );
  }
  const ring = require?.kind === "token" ? require.ring : uses[0]?.ring;
  const per = readKey(rateLimit.per, ring);
  const [kind, name = ""] = rateLimit.per.split(" ");
  const claim = kind === "token" && name !== "" ? claimPath(name) : [];
  if (per === undefined && "message" in claim) {
    reading.report("CLAIM_INVALID", at("per"), claim.message, claim.hint);
  } else if (per === undefined) {
    const unstated = rateLimit.per.startsWith("token ") && ring === undefined;
    if (unstated && says(reading.file.source, "tokens")) return undefined;
    reading.report(
      "RATE_LIMIT_KEY_INVALID",
      at("per"),
      unstated
        ? "a limit per claim needs a ring, and neither the rule nor its file names one"
        : `${show(rateLimit.per)} is not something to count by`,
      unstated
        ? "add require: { ring: <id> }"
        : "write ip, header <name in small letters> or token <claim>, such as token sub",
    );
  }
  if (every === undefined || mitigation === undefined || per === undefined) return undefined;
  return { per, requests: rateLimit.requests, every, mitigation, mode: rateLimit.mode ?? mode };
}

function readKey(text: string, ring: string | undefined): RateLimitKey | undefined {
  const [kind, name, more] = text.split(" ");
  if (more !== undefined) return undefined;
  if (kind === "ip" && name === undefined) return { kind };
  if (name === undefined) return undefined;
  if (kind === "header" && /^[a-z0-9-]{1,100}$/.test(name)) return { kind, name };
  const path = claimPath(name);
  if (kind === "token" && ring !== undefined && !("message" in path)) return { kind: "claim", ring, path };
  return undefined;
}

function list(seconds: readonly number[]): string {
  return seconds.map(formatDuration).join(", ");
}
