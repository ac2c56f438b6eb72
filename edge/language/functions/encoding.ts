import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { toBytes } from "../bytes.ts";
import type { Argument, Binder } from "../evaluator.ts";
import { literalString, ofString } from "../evaluator.ts";
import { isPercentEncoded, percentDecode } from "./percent.ts";

const first = (args: readonly Argument[]) => args[0] as Argument;

/** No text is decoded more often than this by the flag `r`, however it was built. */
const mostRounds = 64;

function unicodeEscapes(text: string): string {
  return text.replace(/(?:%u[0-9A-Fa-f]{4})+/g, (run) => {
    const units = run.slice(2).split("%u");
    return toBytes(String.fromCharCode(...units.map((unit) => Number.parseInt(unit, 16))).toWellFormed());
  });
}

/** `url_decode(text[, flags])`: `%XX` and `+`; `u` also `%uXXXX`; `r` until nothing changes. */
export const urlDecode: Binder = (args, choices) => {
  const flags = literalString(args[1]) ?? "";
  const [recursive, unicode] = [flags.includes("r"), flags.includes("u")];
  return ofString(first(args), (original) => {
    let text = original;
    for (let round = 0; round < mostRounds; round++) {
      const prepared = unicode ? unicodeEscapes(text) : text;
      if (choices.urlDecodeInvalid === "missing" && !isPercentEncoded(prepared)) return undefined;
      const decoded = percentDecode(prepared.replaceAll("+", " "));
      if (!recursive || decoded === text) return decoded;
      text = decoded;
    }
    return text;
  });
};

const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?$/;

/**
 * `decode_base64(text)`: the standard alphabet, with or without padding, since browsers and JWTs send both; what is
 * not Base64 is missing, so that no comparison with it is true.
 */
export const decodeBase64: Binder = (args) =>
  ofString(first(args), (text) =>
    base64.test(text) ? Buffer.from(text, "base64").toString("latin1") : undefined,
  );

/** `encode_base64(value[, flags])`: standard without padding; `u` URL-safe, `p` padded. */
export const encodeBase64: Binder = (args) => {
  const flags = literalString(args[1]) ?? "";
  const alphabet = flags.includes("u") ? "base64url" : "base64";
  return ofString(first(args), (bytes) => {
    const bare = Buffer.from(bytes, "latin1").toString(alphabet).replace(/=+$/, "");
    return flags.includes("p") ? bare.padEnd(Math.ceil(bare.length / 4) * 4, "=") : bare;
  });
};

/** `sha256(value)`: 32 bytes. */
export const sha256: Binder = (args) =>
  ofString(first(args), (bytes) => createHash("sha256").update(bytes, "latin1").digest("binary"));

/** `uuidv4(seed)`: the first 16 bytes of the seed with the version and variant of RFC 9562. */
export const uuidv4: Binder = (args) =>
  ofString(first(args), (seed) => {
    if (seed.length < 16) return undefined;
    const bytes = Buffer.from(seed.slice(0, 16), "latin1");
    bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
    bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
    return bytes.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
  });

/** `bit_slice(value, start, end)`: bits counted from the first byte's highest, as an unsigned integer. */
export const bitSlice: Binder = (args) => {
  const [, start, end] = args.map((argument) => Number(argument.literal)) as [number, number, number];
  return ofString(first(args), (bytes) => {
    if (end > bytes.length * 8) return undefined;
    let value = 0;
    for (let bit = start; bit < end; bit++) {
      value = value * 2 + ((bytes.charCodeAt(bit >> 3) >> (7 - (bit & 7))) & 1);
    }
    return value;
  });
};
