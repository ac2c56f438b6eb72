import { type Reading, ringNamed } from "./reading.ts";
import type { TokenUseShape } from "./schema.ts";
import { show } from "./secrets.ts";
import type { TokenSource, TokenUse } from "./types.ts";

/** RFC 9110 section 5.1: a field name is a token; in lower case, as Cloudflare's map keys are. */
const HEADER = /^[a-z0-9!#$%&'*+.^_`|~-]{1,100}$/;
const COOKIE = /^[A-Za-z0-9!#$&'*+.^_`|~-]{1,100}$/;

/** Reads where a file's tokens stand in a request. */
export function readTokenUses(reading: Reading): TokenUse[] {
  const { source, shape } = reading.file;
  const { tokens } = shape;
  if (tokens === undefined) return [];
  const list: readonly (readonly [TokenUseShape | undefined, readonly PropertyKey[]])[] = Array.isArray(
    tokens,
  )
    ? tokens.map((use, index) => [use, ["tokens", index]] as const)
    : [[tokens, ["tokens"]]];
  return list.flatMap(([use, path]) => {
    const ring = use?.ring !== undefined && ringNamed(reading, use.ring, "jwt", source.at([...path, "ring"]));
    const sources = (use?.in ?? []).flatMap((text, index) => {
      if (text === undefined) return [];
      const read = readSource(text);
      if (read !== undefined) return [read];
      reading.report(
        "TOKEN_SOURCE_INVALID",
        source.at([...path, "in", index]),
        `${show(text)} is not a place for a token`,
        "write header <name in small letters> or cookie <name>, such as header authorization",
      );
      return [];
    });
    return ring && use?.ring !== undefined ? [{ ring: use.ring, sources, at: source.at(path) }] : [];
  });
}

function readSource(text: string): TokenSource | undefined {
  const [kind, name, more] = text.split(" ");
  if (name === undefined || more !== undefined) return undefined;
  if (kind === "header" && HEADER.test(name)) return { kind, name };
  if (kind === "cookie" && COOKIE.test(name)) return { kind, name };
  return undefined;
}
