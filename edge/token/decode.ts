import type { Choices } from "../choices.ts";
import { decodeBase64url } from "./base64url.ts";
import { type JsonObject, readJsonObject } from "./strictJson.ts";

/** A compact JWS (RFC 7515 §7.1) taken apart; nothing in it is trusted yet. */
export interface DecodedToken {
  readonly alg: string;
  readonly kid: string;
  /** The bytes under the signature: header and payload as sent, with the dot. */
  readonly signed: Buffer;
  readonly signature: Buffer;
  readonly payload: Buffer;
}

/** Takes a token apart. Undefined if it is malformed in any way, or lacks `alg` or `kid`; never throws. */
export function decodeToken(token: string, choices: Choices): DecodedToken | undefined {
  // One UTF-16 unit is at least one byte, so this also bounds the bytes of the ASCII texts that go on.
  if (token.length > choices.tokenMaxBytes) return undefined;
  const headerEnd = token.indexOf(".");
  const payloadEnd = token.indexOf(".", headerEnd + 1);
  if (headerEnd <= 0 || payloadEnd === -1 || token.indexOf(".", payloadEnd + 1) !== -1) return undefined;
  const headerBytes = decodeSegment(token.slice(0, headerEnd), choices);
  const payload = decodeSegment(token.slice(headerEnd + 1, payloadEnd), choices);
  const signature = decodeSegment(token.slice(payloadEnd + 1), choices);
  if (headerBytes === undefined || payload === undefined || signature === undefined) return undefined;
  const header = readDocument(headerBytes, choices);
  if (header === undefined) return undefined;
  const { alg, kid, crit } = header.value;
  if (typeof alg !== "string" || typeof kid !== "string") return undefined;
  if (crit !== undefined && choices.criticalHeader === "refuse") return undefined;
  return { alg, kid, signed: Buffer.from(token.slice(0, payloadEnd), "latin1"), signature, payload };
}

/** The claims document of a token whose signature was verified; undefined unless it is one JSON object. */
export function readDocument(bytes: Buffer, choices: Choices): JsonObject | undefined {
  return readJsonObject(bytes, {
    maxDepth: choices.jsonMaxDepth,
    allowDuplicates: choices.duplicateMembers === "last",
  });
}

function decodeSegment(segment: string, choices: Choices): Buffer | undefined {
  return decodeBase64url(choices.paddedSegments === "accept" ? segment.replace(/={1,2}$/, "") : segment);
}
