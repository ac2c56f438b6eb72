import type { Operation, TokenRule } from "./types.ts";

/** What a selector makes of an operation: in the words of Cloudflare's preview. */
export type SelectorState = "included" | "excluded" | "ignored";

/**
 * Reads a selector: an operation is included by its host and excluded by its id
 * (developers.cloudflare.com: API Shield, JWT validation, asOf 2026-11). `hosts` are the hosts that an operation goes
 * by: the one it was saved with, and others where a choice says so.
 */
export function compileSelector(
  selector: TokenRule["selector"],
): (operationId: string, ...hosts: readonly string[]) => SelectorState {
  const included = selectedHosts(selector);
  const excluded = new Set(selector.exclude?.flatMap((part) => part.operation_ids ?? []));
  return (operationId, ...hosts) => {
    if (!hosts.some((host) => included.has(normalizeHost(host)))) return "ignored";
    return excluded.has(operationId) ? "excluded" : "included";
  };
}

/** The hosts that a selector includes, in the form in which operations are saved. */
function selectedHosts(selector: TokenRule["selector"]): ReadonlySet<string> {
  return new Set(selector.include?.flatMap((part) => part.host ?? []).map(normalizeHost));
}

/**
 * Host names in lower case; a template fills a whole label and is renamed to `{hostVar1}`, `{hostVar2}`, …,
 * counted from the right as in the documentation's `{hostVar2}.{hostVar1}.example.com`.
 */
export function normalizeHost(host: Operation["host"]): string {
  let count = 0;
  return host
    .split(".")
    .toReversed()
    .map((label) => {
      if (!label.startsWith("{")) return label.toLowerCase();
      count += 1;
      return `{hostVar${count}}`;
    })
    .toReversed()
    .join(".");
}
