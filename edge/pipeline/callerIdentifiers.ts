import type { RequestFields } from "../language/request.ts";
import type { ZoneParts } from "../world/types.ts";
import type { TokenSet } from "./tokenSet.ts";

/**
 * Whether a request carries one of the zone's caller identifiers: a header, a cookie, or a claim named as
 * `<configuration id>:<JSONPath>` (developers.cloudflare.com/api-shield/get-started, asOf 2026-11).
 */
export function hasCallerIdentifier(
  characteristics: ZoneParts["authIdCharacteristics"],
  fields: RequestFields,
  tokens: TokenSet,
): boolean {
  return characteristics.some(({ type, name }) => {
    if (type === "header") return fields.headers.map.has(name.toLowerCase());
    if (type === "cookie") return fields.cookies.has(name);
    const colon = name.indexOf(":");
    const verdict = tokens.verdict(name.slice(0, colon));
    if (verdict?.valid !== true) return false;
    const found = readSingularPath(verdict.claims, name.slice(colon + 1));
    return found !== undefined && found !== null;
  });
}

const SEGMENT =
  /\.([A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*)|\[\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(-?\d+))\s*\]/gy;

/** Reads a singular query of RFC 9535 §2.3.5.1: `$`, then names and indexes. Any other path yields undefined. */
export function readSingularPath(document: unknown, path: string): unknown {
  if (!path.startsWith("$")) return undefined;
  let value = document;
  SEGMENT.lastIndex = 1;
  while (SEGMENT.lastIndex < path.length) {
    const match = SEGMENT.exec(path);
    if (match === null) return undefined;
    const [, bare, single, double, index] = match;
    if (typeof value !== "object" || value === null) return undefined;
    if (index !== undefined) value = Array.isArray(value) ? value.at(Number(index)) : undefined;
    else {
      const name = bare ?? (single ?? double ?? "").replace(/\\(.)/gs, "$1");
      value =
        !Array.isArray(value) && Object.hasOwn(value, name)
          ? (value as Record<string, unknown>)[name]
          : undefined;
    }
  }
  return value;
}
