/** Rings whose keys somebody else makes. */
import { algorithmOf, algorithms, isSymmetric } from "../facts/algorithms.ts";
import { rotationDefaults } from "../facts/rotationDefaults.ts";
import { nearest } from "./nearest.ts";
import { type Own, readTokens, reportNoIssuer } from "./ringKinds.ts";
import type { RingReading } from "./ringReading.ts";
import { show } from "./secrets.ts";
import type { KeyOrigin, MirrorRing } from "./types.ts";

const ORIGINS = ["issuer", "jwks", "access", "file"] as const;

/** What only keys that keyturn makes have. */
const NOT_HERE = {
  algorithm: "write algorithms: [...] where the keys do not say it themselves",
  modulus: "whoever makes the keys decides it",
  rotation: "whoever makes the keys turns them; `keyturn jwks fetch` takes new ones",
  signer: "whoever makes the keys signs with them",
  publish: "whoever makes the keys publishes them",
  hmac: "a ring has tokens or links",
} as const;

/** Reads a ring with `from`. */
export function readMirror(reading: RingReading): Own<MirrorRing> & Pick<MirrorRing, "rotation"> {
  const { ring } = reading;
  for (const member of Object.keys(NOT_HERE) as (keyof typeof NOT_HERE)[]) {
    if (!reading.says(member)) continue;
    reading.report(
      "MEMBER_UNKNOWN",
      reading.source.atKey(["keys", reading.id, member]),
      `${member} has no meaning for a ring with from`,
      NOT_HERE[member],
    );
  }
  const { origin, issuer } = readOrigin(reading);
  if (!reading.says("tokens")) {
    reading.report(
      "MEMBER_MISSING",
      reading.self,
      `the ring ${show(reading.id)} has no tokens`,
      "add tokens: { audience: api, lifetime: 24h }",
    );
  } else if (!reading.says("tokens", "issuer") && issuer === undefined) reportNoIssuer(reading);
  const { renewBy } = ring.from ?? {};
  return {
    kind: "mirror",
    from: origin,
    algorithms: readAlgorithms(reading),
    ...(renewBy === undefined ? {} : { renewBy: readDay(reading, renewBy) }),
    ...readTokens(reading, issuer ?? ""),
    // A day from one look to the next; nothing is rotated here.
    rotation: { every: rotationDefaults.mirrorLook.seconds, at: {} },
  };
}

/** What stands in for an origin that cannot be read: nothing is ever fetched from it. */
const NOWHERE: KeyOrigin = { kind: "file", path: "" };

function readOrigin(reading: RingReading): { readonly origin: KeyOrigin; readonly issuer?: string } {
  const { from } = reading.ring;
  const said = ORIGINS.filter((member) => reading.says("from", member));
  const at = reading.at("from");
  if (said.length !== 1) {
    const what = said.length === 0 ? "nothing" : said.join(" and ");
    const message = `from says ${what} of where the keys are`;
    reading.report("RING_ORIGIN_INVALID", at, message, `write one of ${ORIGINS.join(", ")}`);
    return { origin: NOWHERE };
  }
  if (from?.kid !== undefined && from.file === undefined) {
    const place = reading.source.atKey(["keys", reading.id, "from", "kid"]);
    reading.report("MEMBER_UNKNOWN", place, "kid belongs to from: { file }", "remove it");
  }
  if (from?.issuer !== undefined) {
    checkAddress(reading, "issuer", from.issuer);
    return { origin: { kind: "issuer", issuer: from.issuer }, issuer: from.issuer };
  }
  if (from?.jwks !== undefined) {
    checkAddress(reading, "jwks", from.jwks);
    return { origin: { kind: "jwks", url: from.jwks } };
  }
  if (from?.access !== undefined) return accessTeam(reading, from.access);
  if (from?.file === undefined) return { origin: NOWHERE };
  if (!/^(?!.*(?:^|\/)\.)[A-Za-z0-9._-]+(?:\/[A-Za-z0-9._-]+)*$/.test(from.file)) {
    reading.report(
      "RING_ORIGIN_INVALID",
      reading.at("from", "file"),
      `${show(from.file)} is no file below the definitions' folder`,
      "write its path from that folder, such as keys/hsm.pem, in letters, digits, dots, _ and -",
    );
  }
  const kid = from.kid === undefined ? {} : { kid: from.kid };
  return { origin: { kind: "file", path: from.file, ...kid } };
}

/** Of Cloudflare Access (developers.cloudflare.com/cloudflare-one: validate JWTs, as of 2026-11). */
function accessTeam(reading: RingReading, team: string) {
  if (!/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(team)) {
    reading.report(
      "RING_ORIGIN_INVALID",
      reading.at("from", "access"),
      `${show(team)} is not the name of a team`,
      "write what stands before .cloudflareaccess.com",
    );
  }
  const issuer = `https://${team}.cloudflareaccess.com`;
  return { origin: { kind: "jwks", url: `${issuer}/cdn-cgi/access/certs` }, issuer } as const;
}

function checkAddress(reading: RingReading, member: "issuer" | "jwks", text: string): void {
  if (member === "issuer" ? isIssuerAddress(text) : isHttps(text)) return;
  reading.report(
    "RING_ORIGIN_INVALID",
    reading.at("from", member),
    `${show(text)} is no https address of ${member === "jwks" ? "a JWKS" : "an issuer"}`,
    member === "jwks"
      ? "write it whole, such as https://auth.example.com/.well-known/jwks.json"
      : "write it as its tokens have it, such as https://example.eu.auth0.com/",
  );
}

/** Whether keys can be discovered there (OpenID Connect Discovery 1.0 section 3: no query, no fragment). */
export function isIssuerAddress(text: string): boolean {
  return isHttps(text) && new URL(text).search === "";
}

function isHttps(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  return url?.protocol === "https:" && url.username === "" && url.password === "" && url.hash === "";
}

function readAlgorithms(reading: RingReading): readonly string[] {
  const known = algorithms.filter(({ kty }) => kty !== "oct").map(({ alg }) => alg);
  return (reading.ring.algorithms ?? []).flatMap((alg, index) => {
    if (alg === undefined) return [];
    if (algorithmOf(alg) !== undefined && known.includes(alg)) return [alg];
    const secret = isSymmetric(alg);
    const guess = secret ? undefined : nearest(alg, known);
    reading.report(
      "ALGORITHM_UNSUPPORTED",
      reading.source.at(["keys", reading.id, "algorithms", index]),
      secret ? `${alg} has no public keys` : `the algorithm ${show(alg)} is not known`,
      guess === undefined ? `use ${known.join(", ")}` : `did you mean ${guess}?`,
    );
    return [];
  });
}

function readDay(reading: RingReading, text: string): string {
  const day = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : undefined;
  if (day === undefined || Number.isNaN(day.getTime()) || !day.toISOString().startsWith(text)) {
    reading.report(
      "VALUE_INVALID",
      reading.at("from", "renewBy"),
      `${show(text)} is not a day`,
      "write year, month and day, such as 2027-06-30",
    );
  }
  return text;
}
