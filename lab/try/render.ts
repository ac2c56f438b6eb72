import { formatDuration } from "../../model/facts/durations.ts";
import { CUSTOM_PHASE, RATE_LIMIT_PHASE } from "../../model/facts/phases.ts";
import type { ControlResult } from "./controls/runControls.ts";
import type { Deployment } from "./deployment.ts";
import type { Tally } from "./front.ts";
import type { Mirrored } from "./mirrored.ts";
import type { PlainUp } from "./plainUp.ts";
import type { Revocation } from "./revocation.ts";
import type { Step } from "./rotation.ts";
import type { SecretScan } from "./secretScan.ts";
import type { Outcome, Verdict } from "./verdicts.ts";

/** Columns of text, two blanks apart and in by two; the last column is not filled up. */
export function columns(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, index) =>
    Math.max(...rows.map((row) => (row[index] ?? "").length)),
  );
  return rows
    .map((row) => `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd())
    .join("\n");
}

/** Right answers, as a sentence names them. */
export function shownOutcomes(expected: readonly Outcome[]): string {
  return expected.map(({ status, by }) => `${status} by ${by}`).join(" or ");
}

export function renderDeployment({ resources, zones, rings, hosts }: Deployment): string {
  const parts = zones.map(
    (zone) =>
      `${zone.name}: ${zone.tokenConfigurations} token configurations, ${zone.rules[CUSTOM_PHASE]} custom rules, ${zone.rules[RATE_LIMIT_PHASE]} rate limit`,
  );
  const table = rings.map((ring) => [
    ring.id,
    ring.algorithm,
    `live ${formatDuration(ring.lifetime)}`,
    `rotate every ${formatDuration(ring.every)}`,
    `W ${formatDuration(ring.lead)}`,
    `O ${formatDuration(ring.overlap)}`,
    usedBy(ring),
  ]);
  return [
    `Deployed ${resources} resources to a local Cloudflare. ${parts.join("; ")}`,
    columns(table),
    columns(hosts.map(({ host, rules }) => [host, rules.join(", ")])),
    "",
  ].join("\n");
}

function usedBy({ rotated, mirrored, loaded }: Deployment["rings"][number]): string {
  if (mirrored) return "its provider turns the keys";
  if (!rotated) return "no host uses it";
  return loaded ? "" : "under no load: no rule refuses by it alone";
}

export function renderVerdicts(verdicts: readonly Verdict[]): string {
  const right = verdicts.filter((verdict) => verdict.ok).length;
  const rows = verdicts.map(({ group, name, expected, seen, ok }, index) => [
    group === verdicts[index - 1]?.group ? "" : group,
    name,
    [...new Set(expected.map((each) => each.status))].join(" or "),
    String(seen.status),
    seen.by,
    ok ? "" : `WRONG, expected ${shownOutcomes(expected)}`,
  ]);
  return [
    `Verdicts over HTTP: ${right} of ${verdicts.length} as expected`,
    columns([["", "request", "expected", "seen", "decided by", ""], ...rows]),
    "",
  ].join("\n");
}

const COLUMNS = [
  ["publish", "published"],
  ["verify", "proved"],
  ["promote", "signs"],
  ["retire", "old one retired"],
  ["confirm", "old one refused"],
] as const;

export function renderRotation(firstKeys: readonly Step[], rotation: readonly Step[], pops: number): string {
  const rings = [...new Set(rotation.map((step) => step.ring))];
  const at = (steps: readonly Step[], ring: string, move: string) => {
    const step = steps.find((each) => each.ring === ring && each.move === move);
    return step === undefined ? "-" : step.ended.slice(5, 16).replace("T", " ");
  };
  const rows = rings.map((ring) => [
    ring,
    at(firstKeys, ring, "promote"),
    ...COLUMNS.map(([move]) => at(rotation, ring, move)),
  ]);
  return [
    `Rotation of ${rings.length} rings, each by the gates of \`rotate\`, in virtual time, ${pops} points of presence`,
    columns([["", "first key signs", ...COLUMNS.map(([, title]) => title)], ...rows]),
    "",
  ].join("\n");
}

export function renderLoad(ordinary: Tally, http: Tally, retired: Tally): string {
  const row = (name: string, tally: Tally) => [
    name,
    number(tally.sent),
    number(tally.valid),
    number(tally.refusedValid),
    number(tally.invalid),
    number(tally.acceptedInvalid),
  ];
  return [
    "Load during the rotation: tokens and links of late issuers with wrong clocks, used until they expire",
    columns([
      ["", "sent", "valid", "valid refused", "invalid", "invalid accepted"],
      row("in process", ordinary),
      row("over HTTP", http),
      row("stolen, of ended keys", retired),
    ]),
    "",
  ].join("\n");
}

export function renderPlainUps(ups: readonly PlainUp[]): string {
  const same = ups.filter((up) => up.ok).length;
  return `Plain \`up\` in between: ${same} of ${ups.length} changed nothing (${ups.map((up) => up.when).join("; ")})`;
}

export function renderRevocation(found: Revocation): string {
  const seconds = Math.round((Date.parse(found.ended) - Date.parse(found.began)) / 1000);
  const proof = found.proved ? "proved everywhere" : "published, not yet everywhere";
  return [
    `Emergency: ${found.key} of ${found.ring} revoked after ${formatDuration(seconds)}; ${found.substitute} took over (${proof})`,
    "",
  ].join("\n");
}

export function renderMirrored({ issuer, answers }: Mirrored): string {
  const rows = answers.map(({ when, token, expected, seen, ok }, index) => [
    when === answers[index - 1]?.when ? "" : when,
    `a token ${token}`,
    [...new Set(seen)].join(" or "),
    ok ? "" : `WRONG, expected ${expected}`,
  ]);
  return [
    `An identity provider's keys (examples/staff): ${issuer} is discovered, its set fetched and deployed, at every point of presence`,
    columns(rows),
    "",
  ].join("\n");
}

export function renderControls(controls: readonly ControlResult[]): string {
  const rings = [...new Set(controls.map((control) => control.ring))];
  const names = [...new Set(controls.map((control) => control.name))];
  const rows = names.map((name) => [
    name,
    ...rings.map((ring) => {
      const found = controls.find((control) => control.name === name && control.ring === ring);
      return found === undefined ? "-" : `${found.refusedValid} of ${found.valid}${found.ok ? "" : " WRONG"}`;
    }),
  ]);
  return [
    "Controls: the same decisions with a term left out, at the worst clocks and lags; valid requests refused",
    columns([["", ...rings], ...rows]),
    "",
  ].join("\n");
}

export function renderSecrets({ keys, forms, channels, findings, blind }: SecretScan): string {
  const where = Object.keys(channels).join(", ");
  const planted = blind.length === 0 ? "a planted one is found in each" : `blind in: ${blind.join(", ")}`;
  return `Secrets: ${keys} keys in ${forms} forms, ${findings.length} found in ${where}; ${planted}`;
}

export function renderVerdict(problems: readonly string[]): string {
  if (problems.length === 0)
    return "OK: no valid request was refused, and everything that must be refused was.";
  return [`NOT OK: ${problems.length} problems`, ...problems.map((problem) => `  ${problem}`)].join("\n");
}

function number(value: number): string {
  return value.toLocaleString("en");
}
