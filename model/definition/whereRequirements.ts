import { check, ExpressionError, parse } from "@keyturn/edge/language";
import { CUSTOM_PHASE } from "../facts/phases.ts";
import { checkRawExpression } from "./rawExpressions.ts";
import type { Reading } from "./reading.ts";
import type { RequireShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { placesAt, says, textAt } from "./shape.ts";
import type { WhereRequirement, Zone } from "./types.ts";

type Path = readonly PropertyKey[];

/** A named list of the account (Cloudflare: letters, digits and `_` in small letters, up to 50). */
const LIST = /^\$[a-z0-9_]{1,50}$/;
const ADDRESS = /^[0-9A-Fa-f:.]{2,45}(?:\/\d{1,3})?$/;

/** Members of `require` that Cloudflare's language alone can tell, and what their conditions are. */
export const WHERE_MEMBERS = ["address", "certificate", "where"] as const;

/** A certificate that Cloudflare holds for the host's own authority, chained and not revoked. */
const CERTIFICATE: WhereRequirement = {
  kind: "where",
  expression: "cf.tls_client_auth.cert_verified and not cf.tls_client_auth.cert_revoked",
  says: "a verified client certificate",
};

/**
 * Reads what a request must be rather than bring: its address, its client certificate, a raw condition.
 *
 * @param zones those of the rule's hosts: a plan may lack what a condition looks at
 */
export function readWhere(
  reading: Reading,
  { certificate, where }: RequireShape,
  path: Path,
  zones: readonly (Zone | undefined)[],
): readonly (WhereRequirement | undefined)[] {
  const { source } = reading.file;
  const said = (member: string) => says(source, [...path, member]);
  const asWhere = (expression: string): WhereRequirement | undefined => {
    const place = [...path, "where"];
    const usable = zones.map((zone) => checkRawExpression(reading, expression, place, zone)).every(Boolean);
    return usable ? { kind: "where", expression, says: `where (${expression})` } : undefined;
  };
  return [
    ...(said("address") ? [readAddresses(reading, [...path, "address"])] : []),
    ...(said("certificate") ? [certificate === undefined ? undefined : CERTIFICATE] : []),
    ...(said("where") ? [where === undefined ? undefined : asWhere(where)] : []),
  ];
}

/** One of the ranges or lists. */
function readAddresses(reading: Reading, path: Path): WhereRequirement | undefined {
  const { source } = reading.file;
  const found = placesAt(source, path).flatMap((place) => {
    const text = textAt(source, place);
    return text === undefined ? [] : [{ text, at: source.at(place) }];
  });
  const addresses = found.map(({ text }) => text);
  const wrong = found.filter(({ text }) => !LIST.test(text) && !isAddress(text));
  for (const { text, at } of wrong) {
    reading.report(
      "ADDRESS_INVALID",
      at,
      `${show(text)} is no address and no list`,
      "write 203.0.113.7, 203.0.113.0/24, 2001:db8::/32, or $name for a list of the account",
    );
  }
  if (wrong.length > 0 || addresses.length === 0) return undefined;
  const ranges = addresses.filter((each) => !LIST.test(each));
  const lists = addresses.filter((each) => LIST.test(each));
  const conditions = [
    ...(ranges.length === 0 ? [] : [`ip.src in {${ranges.join(" ")}}`]),
    ...lists.map((list) => `ip.src in ${list}`),
  ];
  return { kind: "where", expression: conditions.join(" or "), says: `an address in ${addresses.join(" ")}` };
}

function isAddress(text: string): boolean {
  if (!ADDRESS.test(text)) return false;
  try {
    const parsed = parse(`ip.src in {${text}}`);
    return check(parsed, { phase: CUSTOM_PHASE, plan: "enterprise", addOns: [] }).length === 0;
  } catch (error) {
    if (error instanceof ExpressionError) return false;
    throw error;
  }
}
