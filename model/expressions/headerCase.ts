import type { Expression } from "@keyturn/edge/language";
import { show } from "../definition/secrets.ts";
import { type ExpressionFinding, type Node, partsOf, textsIn } from "./nodes.ts";

/**
 * Fields whose keys or elements are names of headers in small letters (developers.cloudflare.com: ruleset-engine,
 * fields reference, `http.request.headers`: "names are converted to lowercase", as of 2026-11).
 */
const MAPS = ["http.request.headers", "http.response.headers"];
const NAMES = ["http.request.headers.names", "http.response.headers.names"];

/** Names of headers with a capital, which no request and no answer has. */
export function headerCase({ body }: Expression): readonly ExpressionFinding[] {
  const found = partsOf(body).flatMap((node): { readonly value: string; readonly start: number }[] => {
    switch (node.kind) {
      case "index":
        return typeof node.index === "string" && isField(node.target, MAPS)
          ? [{ value: node.index, start: node.start }]
          : [];
      case "call": {
        const [map, key] = node.arguments;
        return node.name === "has_key" && map !== undefined && isField(map, MAPS) && key?.kind === "string"
          ? [key]
          : [];
      }
      case "comparison": {
        const names = node.left.kind === "each" ? node.left.target : node.left;
        return isField(names, NAMES) ? [...textsIn(node.right)] : [];
      }
      default:
        return [];
    }
  });
  return found
    .filter(({ value }) => /[A-Z]/.test(value))
    .map(({ value, start }) => ({
      code: "EXPRESSION_HEADER_CASE",
      offset: start,
      message: `no header is called ${show(value)}: names come in small letters`,
      hint: `write ${show(value.toLowerCase())}`,
    }));
}

function isField(node: Node, names: readonly string[]): boolean {
  return node.kind === "field" && names.includes(node.name);
}
