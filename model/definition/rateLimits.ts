import { formatDuration } from "../facts/durations.ts";
import { rateLimitMitigations, rateLimitPeriods } from "../facts/limits.ts";
import { claimPath } from "./claimPath.ts";
import { readMode, unchanging } from "./modes.ts";
import { durationAt, type Reading } from "./reading.ts";
import { ringsOf } from "./ringsAsked.ts";
import type { RulePlace } from "./rules.ts";
import type { RuleShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { says } from "./shape.ts";
import type { RateLimit, RateLimitKey, Requirement, StagedMode, TokenUse } from "./types.ts";

/** Reads a rule's rate limit. A limit per claim counts by the ring that the rule requires, or by the file's first. */
export function readRateLimit(
  reading: Reading,
  rule: RuleShape,
  base: RulePlace,
  require: Requirement | undefined,
  uses: readonly TokenUse[],
  mode: StagedMode,
): RateLimit | undefined {
  const { rateLimit } = rule;
  if (rateLimit === undefined) return undefined;
  const path = [...base, "rateLimit"] as const;
  const at = (member: string) => reading.file.source.at([...path, member]);
  const said = (member: string) => says(reading.file.source, [...path, member]);
  const every = durationAt(reading, rateLimit.every, [...path, "every"]);
  const mitigation = said("for") ? durationAt(reading, rateLimit.for, [...path, "for"]) : every;
  if (!Number.isNaN(every) && !rateLimitPeriods.includes(every)) {
    reading.report(
      "RATE_LIMIT_PERIOD",
      at("every"),
      `Cloudflare counts over no period of ${rateLimit.every}`,
      `use one of ${list(rateLimitPeriods)}`,
    );
  }
  if (said("for") && !Number.isNaN(mitigation) && !rateLimitMitigations.includes(mitigation)) {
    reading.report(
      "RATE_LIMIT_PERIOD",
      at("for"),
      `Cloudflare refuses for no time of ${rateLimit.for}`,
      `use one of ${list(rateLimitMitigations.filter((each) => each > 0))}`,
    );
  }
  return {
    // What cannot be known is counted by the address, which every plan can.
    per: readPer(reading, rule, base, require, uses) ?? { kind: "ip" },
    requests: rateLimit.requests ?? 1,
    every,
    mitigation,
    mode:
      rateLimit.mode !== undefined
        ? readMode(reading, rateLimit.mode, [...path, "mode"])
        : said("mode")
          ? unchanging("block")
          : mode,
  };
}

function readPer(
  reading: Reading,
  rule: RuleShape,
  base: RulePlace,
  require: Requirement | undefined,
  uses: readonly TokenUse[],
): RateLimitKey | undefined {
  const text = rule.rateLimit?.per;
  if (text === undefined) return undefined;
  const ring = ringsOf(require)[0] ?? uses[0]?.ring;
  const per = readKey(text, ring);
  const at = reading.file.source.at([...base, "rateLimit", "per"]);
  if (per?.kind === "claim" && ringsOf(require).length > 1) {
    reading.report(
      "RATE_LIMIT_KEY_INVALID",
      at,
      `a limit per claim counts tokens of one ring, and the rule takes those of ${ringsOf(require).join(" and ")}`,
      "count by ip or by a header, or write a rule for each ring",
    );
  }
  if (per !== undefined) return per;
  const [kind, name = ""] = text.split(" ");
  const claim = kind === "token" && name !== "" ? claimPath(name) : [];
  if ("message" in claim) {
    reading.report("CLAIM_INVALID", at, claim.message, claim.hint);
    return undefined;
  }
  const unstated = kind === "token" && ring === undefined;
  const { source } = reading.file;
  const saysRing = rule.require !== "none" && says(source, [...base, "require", "ring"]);
  // Where the rule or the file names a ring and that was a problem, this would only be its echo.
  if (unstated && (says(source, ["tokens"]) || saysRing)) return undefined;
  reading.report(
    "RATE_LIMIT_KEY_INVALID",
    at,
    unstated
      ? "a limit per claim needs a ring, and neither the rule nor its file names one"
      : `${show(text)} is not something to count by`,
    unstated
      ? "add require: { ring: <id> }"
      : "write ip, header <name in small letters> or token <claim>, such as token sub",
  );
  return undefined;
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
