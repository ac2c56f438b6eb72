import type { SignerJwk } from "../../scripts/token/signers.ts";

/** Members of a JWK that must not be seen (RFC 7518 sections 6.2.2, 6.3.2 and 6.4.1). */
const PRIVATE_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "k"];

/** Key material found where it must not be. */
export interface Finding {
  readonly channel: string;
  readonly kid: string;
  readonly form: string;
}

/** What key material was looked for, and where. */
export interface SecretScan {
  readonly keys: number;
  /** Every form of every private member. */
  readonly forms: number;
  readonly channels: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** Channels in which a secret that was planted there is not found. */
  readonly blind: readonly string[];
}

/** Looks for all private members in texts, in every form in which they could be written. */
export function scanForSecrets(
  channels: Readonly<Record<string, string>>,
  keys: readonly SignerJwk[],
): SecretScan {
  const needles = keys.flatMap((jwk) =>
    formsOf(jwk).map(([form, text]) => ({ kid: jwk.kid ?? "", form, text })),
  );
  const findings: Finding[] = [];
  const blind = new Set<string>();
  for (const [channel, text] of Object.entries(channels)) {
    for (const needle of needles) {
      if (text.includes(needle.text)) findings.push({ channel, kid: needle.kid, form: needle.form });
    }
    const planted = needles[0];
    const half = Math.floor(text.length / 2);
    const withSecret = `${text.slice(0, half)}${planted?.text ?? ""}${text.slice(half)}`;
    if (planted === undefined || !needles.some((needle) => withSecret.includes(needle.text)))
      blind.add(channel);
  }
  return {
    keys: keys.length,
    forms: needles.length,
    channels: Object.fromEntries(Object.entries(channels).map(([name, text]) => [name, text.length])),
    findings,
    blind: [...blind],
  };
}

function formsOf(jwk: SignerJwk): [string, string][] {
  return PRIVATE_MEMBERS.flatMap((member) => {
    const value = (jwk as Readonly<Record<string, unknown>>)[member];
    if (typeof value !== "string") return [];
    const bytes = Buffer.from(value, "base64url");
    const base64 = bytes.toString("base64");
    const forms: [string, string][] = [
      [`${member} base64url`, value],
      [`${member} base64`, base64],
      [`${member} hex`, bytes.toString("hex")],
      [`${member} URL-encoded`, encodeURIComponent(base64)],
      [`${member} raw`, bytes.toString("latin1")],
    ];
    // A form that equals an earlier one would be counted twice.
    return forms.filter(([, text], index) => forms.findIndex((other) => other[1] === text) === index);
  });
}
