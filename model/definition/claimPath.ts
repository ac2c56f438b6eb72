import { show } from "./secrets.ts";

/** Why a text names no claim, and what to write instead. */
export interface ClaimFault {
  readonly message: string;
  readonly hint: string;
}

/** Letters, marks and digits beyond ASCII. */
const BEYOND = String.raw`\p{L}\p{M}\p{N}`;
/** One part of a name: bare, without dots; or between quotes, with them. */
const PART = new RegExp(
  String.raw`"([\x20\x21\x23-\x5B\x5D-\x7E${BEYOND}]+)"|([\x21\x23-\x2D\x2F-\x5B\x5D-\x7E${BEYOND}]+)`,
  "u",
);
const URL_NAME = new RegExp(String.raw`^[\x21\x23-\x5B\x5D-\x7E${BEYOND}]+$`, "u");
const NAME = new RegExp(`^(?:${PART.source})(?:\\.(?:${PART.source}))*$`, "u");
const INVISIBLE = /\p{Default_Ignorable_Code_Point}/u;
const NAME_LENGTH = 100;

/**
 * Endings of host names that claims are called by (`kubernetes.io`, as RFC 7519 section 4.2 has collision-resistant
 * names): a name that ends so is as likely one name as a member inside a member.
 */
const HOST_ENDINGS = new Set([
  "app",
  "biz",
  "cloud",
  "co",
  "com",
  "dev",
  "edu",
  "eu",
  "gov",
  "info",
  "io",
  "net",
  "org",
]);

/** The name of a claim as `claimPath` reads it. */
export function claimName(path: readonly string[]): string {
  const [first = "", ...more] = path;
  if (more.length === 0 && first.includes("/")) return first;
  return path.map((part) => (/[. ]/.test(part) ? `"${part}"` : part)).join(".");
}

/**
 * Reads the name of a claim: `user.email` is `email` inside `user`; what stands between quotes is one name, as in
 * `"kubernetes.io".namespace`; a name with `/`, such as a URL, is one name.
 */
export function claimPath(name: string): readonly string[] | ClaimFault {
  const canBeSeen = name.length <= NAME_LENGTH && !INVISIBLE.test(name);
  if (canBeSeen && name.includes("/") && URL_NAME.test(name)) return [name];
  if (!canBeSeen || !NAME.test(name)) {
    return {
      message: "a claim's name has a character that cannot be compared",
      hint: `use up to ${NAME_LENGTH} characters without blanks and \\; a.b is b inside a, and "a.b" between quotes is one name`,
    };
  }
  const parts = [...name.matchAll(new RegExp(PART, "gu"))].map((found) => ({
    text: found[1] ?? found[2] ?? "",
    bare: found[1] === undefined,
  }));
  const [first, second] = parts;
  if (first?.bare && second?.bare && HOST_ENDINGS.has(second.text)) {
    const [one, inside] = [`"${first.text}.${second.text}"`, `${first.text}."${second.text}"`];
    return {
      message: `${show(name)} may be one name, or ${second.text} inside ${first.text}`,
      hint: `write '${one}' for one name, or '${inside}' for ${second.text} inside ${first.text}`,
    };
  }
  return parts.map(({ text }) => text);
}
