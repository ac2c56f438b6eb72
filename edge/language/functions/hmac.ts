import { Buffer } from "node:buffer";
import { createHmac, createSecretKey, timingSafeEqual } from "node:crypto";
import type { Binder } from "../evaluator.ts";
import { literalNumber, literalString } from "../evaluator.ts";
import { percentDecode } from "./percent.ts";

/** What the validation needs to know of the table of choices. */
interface HmacChoices {
  readonly hmacFutureIssued: "accepted" | "refused";
  readonly hmacSplit: "last" | "first";
  readonly hmacPlus: "blank" | "plus";
  readonly hmacLowerCaseEscapes: "accepted" | "refused";
}

/** The literal arguments of a call. `ttl` in seconds, `separatorLength` in bytes. */
interface HmacSettings {
  readonly ttl: number;
  readonly separatorLength: number;
  /** Flag `s`: the MAC is URL-safe Base64 without padding. */
  readonly urlSafe: boolean;
}

const shortestMac = 43;
const stampLength = 10;

function isDigits(text: string, from: number, to: number): boolean {
  for (let index = from; index < to; index++) {
    const code = text.charCodeAt(index);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}

/** Offset of the dash between timestamp and MAC in `(.+)(.*)(\d{10})-(.{43,})`; -1 without a match. */
function dashOf(text: string, which: "last" | "first"): number {
  const lowest = stampLength + 1;
  const highest = text.length - shortestMac - 1;
  if (which === "last") {
    for (let dash = text.lastIndexOf("-", highest); dash >= lowest; dash = text.lastIndexOf("-", dash - 1)) {
      if (isDigits(text, dash - stampLength, dash)) return dash;
    }
    return -1;
  }
  for (
    let dash = text.indexOf("-", lowest);
    dash >= 0 && dash <= highest;
    dash = text.indexOf("-", dash + 1)
  ) {
    if (isDigits(text, dash - stampLength, dash)) return dash;
  }
  return -1;
}

/** The 32 bytes of a MAC as it stands in a URL, or `undefined`. Only canonical Base64 counts. */
function macBytes(text: string, urlSafe: boolean, choices: HmacChoices): Buffer | undefined {
  if (urlSafe) {
    if (!/^[A-Za-z0-9_-]{43}$/.test(text)) return undefined;
    const bytes = Buffer.from(text, "base64url");
    return bytes.toString("base64url") === text ? bytes : undefined;
  }
  if (text.length > 200) return undefined;
  if (choices.hmacLowerCaseEscapes === "refused" && /%(?:[a-f]|.[a-f])/.test(text)) return undefined;
  const decoded = percentDecode(choices.hmacPlus === "blank" ? text.replaceAll("+", " ") : text);
  if (!/^[A-Za-z0-9+/]{43}=$/.test(decoded)) return undefined;
  const bytes = Buffer.from(decoded, "base64");
  return bytes.toString("base64") === decoded ? bytes : undefined;
}

/**
 * The check behind `is_timed_hmac_valid_v0` (developers.cloudflare.com: waf token authentication, 2026-11):
 * MAC = HMAC-SHA256(key, message + timestamp), the separator before the timestamp is not signed, valid while
 * `now < issued + ttl`. `key` and `messageMac` are byte strings, `now` is in Unix seconds. Broken input is
 * not valid, never an exception; MACs are compared in constant time.
 */
export function timedHmac(key: string, settings: HmacSettings, choices: HmacChoices) {
  const secret = createSecretKey(Buffer.from(key, "latin1"));
  const { ttl, separatorLength, urlSafe } = settings;
  return (messageMac: string, now: number): boolean => {
    const dash = dashOf(messageMac, choices.hmacSplit);
    if (dash < 0) return false;
    const stampStart = dash - stampLength;
    const messageEnd = stampStart - separatorLength;
    if (messageEnd <= 0) return false;
    const stamp = messageMac.slice(stampStart, dash);
    const issued = Number(stamp);
    if (now >= issued + ttl) return false;
    if (choices.hmacFutureIssued === "refused" && issued > now) return false;
    const mac = macBytes(messageMac.slice(dash + 1), urlSafe, choices);
    if (mac === undefined) return false;
    const signed = messageMac.slice(0, messageEnd) + stamp;
    return timingSafeEqual(createHmac("sha256", secret).update(signed, "latin1").digest(), mac);
  };
}

/** `is_timed_hmac_valid_v0`; a missing message is not valid. */
export const isTimedHmacValid: Binder = (args, choices) => {
  const settings: HmacSettings = {
    ttl: literalNumber(args[2]) as number,
    separatorLength: literalNumber(args[4]) ?? 0,
    urlSafe: literalString(args[5]) === "s",
  };
  const isValid = timedHmac(literalString(args[0]) as string, settings, choices);
  const [, message, , now] = args.map((argument) => argument.evaluate);
  return (request, element) => {
    const text = message?.(request, element) as string | undefined;
    const seconds = now?.(request, element);
    return text !== undefined && seconds !== undefined && isValid(text, Number(seconds));
  };
};
