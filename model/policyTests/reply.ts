import { isDeepStrictEqual } from "node:util";
import { show } from "../definition/secrets.ts";
import type { ExpectedReply } from "./types.ts";

/** What a client got. */
export interface Reply {
  /** The header Content-Type; undefined where there is none. */
  readonly contentType: string | undefined;
  readonly body: string;
}

/** How an answer differs from what a test expects of it, a phrase each. What looks like a secret is hidden. */
export function replyMisfits({ type, json, body }: ExpectedReply, reply: Reply): readonly string[] {
  const misfits: string[] = [];
  const seen = reply.contentType?.split(";")[0]?.trim().toLowerCase();
  if (type !== undefined && type !== seen)
    misfits.push(`type is ${seen === undefined ? "not said" : show(seen)}`);
  if (body !== undefined && body !== reply.body) misfits.push(`body is ${show(reply.body) || "empty"}`);
  if (json !== undefined) {
    const read = parsed(reply.body);
    misfits.push(...(read === undefined ? ["body is no JSON"] : memberMisfits("json", json, read.value)));
  }
  return misfits;
}

function parsed(body: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(body) };
  } catch {
    return undefined;
  }
}

/** A map has the members that are named, and may have others; any other value is equal. */
function memberMisfits(name: string, wanted: unknown, seen: unknown): string[] {
  if (isMap(wanted) && isMap(seen)) {
    return Object.entries(wanted).flatMap(([member, value]) =>
      Object.hasOwn(seen, member)
        ? memberMisfits(`${name}.${member}`, value, seen[member])
        : [`${show(`${name}.${member}`)} is not there`],
    );
  }
  return isDeepStrictEqual(wanted, seen) ? [] : [`${show(name)} is ${show(JSON.stringify(seen))}`];
}

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
