/** A piece of key material, and what it is, for the report. */
export interface Material {
  readonly what: string;
  readonly bytes: Uint8Array;
}

/** Where a secret was found, and how it was written there. Never the secret itself. */
export interface Leak {
  readonly channel: string;
  readonly what: string;
  readonly form: string;
}

/** Every way of writing the bytes that is looked for. */
export function formsOf(bytes: Uint8Array): [string, string][] {
  const buffer = Buffer.from(bytes);
  const raw = buffer.toString("latin1");
  const text = buffer.toString("utf8");
  const printable = Buffer.from(text, "utf8").equals(buffer);
  const percent = [...buffer].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  const forms: [string, string][] = [
    ["raw", printable ? text : raw],
    ["base64", buffer.toString("base64")],
    ["base64url", buffer.toString("base64url")],
    ["hex", buffer.toString("hex")],
    ["hex", buffer.toString("hex").toUpperCase()],
    ["URL-encoded", printable ? encodeURIComponent(text) : percent],
    ["URL-encoded", percent],
    ["URL-encoded", percent.toUpperCase()],
    ...insideBase64(buffer),
  ];
  return forms.filter(([, form]) => form.length >= 12);
}

/** The characters that stay the same when the bytes stand one or two bytes into a longer text that is encoded. */
function insideBase64(buffer: Buffer): [string, string][] {
  return [1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), buffer]);
    const whole = Math.floor(padded.length / 3) * 4;
    const found = padded.toString("base64").slice(offset + 1, whole);
    return [
      ["inside base64", found],
      ["inside base64url", found.replaceAll("+", "-").replaceAll("/", "_")],
    ] as [string, string][];
  });
}

/** Looks for all material in the text of every channel. */
export function scan(channels: Readonly<Record<string, string>>, materials: readonly Material[]): Leak[] {
  const leaks: Leak[] = [];
  for (const { what, bytes } of materials) {
    for (const [form, text] of formsOf(bytes)) {
      for (const [channel, content] of Object.entries(channels)) {
        if (content.includes(text)) leaks.push({ channel, what, form });
      }
    }
  }
  return leaks;
}

const SECRET_MEMBERS = ["d", "p", "q", "dp", "dq", "qi", "k"] as const;

/** The private members of every JWK in `value` (RFC 7518 section 6), decoded; a symmetric one's text is its bytes. */
export function materialsIn(value: unknown, what = "key"): Material[] {
  if (value === null || typeof value !== "object") return [];
  const own = value as Record<string, unknown>;
  const found: Material[] =
    typeof own.kty === "string"
      ? SECRET_MEMBERS.flatMap((name) =>
          typeof own[name] === "string"
            ? [
                { what: `${name} of ${what}`, bytes: Buffer.from(own[name], "base64url") },
                { what: `${name} of ${what}, as written`, bytes: Buffer.from(own[name], "utf8") },
              ]
            : [],
        )
      : [];
  return [...found, ...Object.entries(own).flatMap(([name, member]) => materialsIn(member, name))];
}
