import { isBelow, suffixOf } from "../definition/hostNames.ts";
import type { HostDefinition, TokenSource } from "../definition/types.ts";
import { type Acceptable, METHOD_HEADERS, PATH_HEADERS, PATH_TRICKS } from "../facts/pathTricks.ts";
import type { PolicyRequest } from "./evaluate.ts";
import { decoded, isMatchedExactly } from "./readings.ts";
import type { HostPolicy } from "./types.ts";

/** Why a request can be read in more than one way; undefined for one that cannot. */
export function ambiguityOf(policy: HostPolicy, request: PolicyRequest): string | undefined {
  const { host, method, path, headers = [] } = request;
  const sent = (name: string) => headers.filter(([each]) => each.toLowerCase() === name);
  if (!isNamed(policy.host, host)) return "another spelling of the host";
  const isAccepted = (kind: Acceptable | undefined) =>
    policy.accepts.some((each) => each.kind === kind && isMatchedExactly(each.match, method, path));
  const trick = PATH_TRICKS.find(({ view, text, segment, accept }) => {
    if (isAccepted(accept)) return false;
    const looked = view === "sent" ? path.toLowerCase() : decoded(path);
    return segment ? `${looked}/`.includes(`${text}/`) : looked.includes(text);
  });
  if (trick !== undefined) return trick.reason;
  if (/%(?![0-9a-f]{2})/i.test(path)) return "an escape that is none";
  if (/[^!-~]/.test(path)) return "a byte that is sent encoded";
  const values = policy.places.map(({ sources }) =>
    sources.map(({ kind, name }) =>
      kind === "header" ? sent(name).length : cookies(sent("cookie")).filter((each) => each === name).length,
    ),
  );
  if (!isAccepted("second-token")) {
    if (values.flat().some((count) => count > 1)) return "two values in one place of a token";
    if (values.some((counts) => counts.filter((count) => count > 0).length > 1))
      return "tokens in two places";
  }
  if (policy.methods?.has(method) === false) return "an unknown method";
  return [...PATH_HEADERS, ...(isAccepted("method-override") ? [] : METHOD_HEADERS)].find(
    (name) => sent(name).length > 0,
  );
}

/** Whether a name is the host's own, written as in the definitions: one of a wildcard may not be another host's. */
export function isNamed({ host, taken }: HostDefinition, name: string): boolean {
  if (suffixOf(host) === undefined) return name === host;
  return (
    isPlain(name) && isBelow(name, host) && !taken.some((other) => other === name || isBelow(name, other))
  );
}

/** Whether a name is the host's in some reading, whoever else has it: letters, a port and a dot at the end do not count. */
export function isSpelled({ host }: HostDefinition, name: string): boolean {
  const read = name.toLowerCase();
  const suffix = suffixOf(host);
  if (suffix === undefined) return read === host || [":", "."].some((end) => read.startsWith(host + end));
  const [ends, goesOn] = [`${suffix}.`, [`${suffix}:`, `${suffix}.:`]];
  return (
    (read.endsWith(suffix) && !isPlain(name)) ||
    read.endsWith(ends) ||
    goesOn.some((part) => read.includes(part))
  );
}

function isPlain(name: string): boolean {
  return /^[a-z0-9._-]*$/.test(name);
}

/** Whether something stands in one of the places of a token. */
export function isSent({ headers = [] }: PolicyRequest, places: readonly TokenSource[]): boolean {
  const sent = (name: string) => headers.filter(([each]) => each.toLowerCase() === name);
  const names = cookies(sent("cookie"));
  return places.some(({ kind, name }) => (kind === "header" ? sent(name).length > 0 : names.includes(name)));
}

/** Names of the cookies, decoded, each as often as it stands; what has no `=` is none. */
function cookies(headers: readonly (readonly [string, string])[]): string[] {
  return headers
    .flatMap(([, value]) => value.split(";"))
    .flatMap((pair) => (pair.trim().indexOf("=") > 0 ? [decoded((pair.split("=")[0] ?? "").trim())] : []));
}
