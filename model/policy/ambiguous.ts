import { OVERRIDE_HEADERS, PATH_TRICKS } from "../facts/pathTricks.ts";
import type { PolicyRequest } from "./evaluate.ts";
import { decoded } from "./readings.ts";
import type { HostPolicy } from "./types.ts";

/** Why a request can be read in more than one way; undefined for one that cannot. */
export function ambiguityOf(policy: HostPolicy, request: PolicyRequest): string | undefined {
  const { host, method, path, headers = [] } = request;
  const sent = (name: string) => headers.filter(([each]) => each.toLowerCase() === name);
  if (host !== policy.host.host) return "another spelling of the host";
  const trick = PATH_TRICKS.find(({ view, text, segment }) => {
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
  if (values.flat().some((count) => count > 1)) return "two values in one place of a token";
  if (values.some((counts) => counts.filter((count) => count > 0).length > 1)) return "tokens in two places";
  if (policy.methods?.has(method) === false) return "an unknown method";
  return OVERRIDE_HEADERS.find((name) => sent(name).length > 0);
}

/** Names of the cookies, each as often as it stands. */
function cookies(headers: readonly (readonly [string, string])[]): string[] {
  return headers.flatMap(([, value]) => value.split(";").map((pair) => pair.split("=")[0]?.trim() ?? ""));
}
