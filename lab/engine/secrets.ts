import { createCipheriv, createDecipheriv, createHash } from "node:crypto";

/** A secret on the wire between program and engine, as the SDK writes it. */
const specialSigKey = "4dabf18193072939515e22adb298388d";
const specialSecretSig = "1b47061264138c4ac30d75fd1eb44270";

/** Wraps a value as the wire form of a secret. */
export function wrapSecret(value: unknown): unknown {
  return isSecret(value) ? value : { [specialSigKey]: specialSecretSig, value };
}

/** True for the wire form of a secret. */
export function isSecret(value: unknown): boolean {
  return (
    value !== null &&
    typeof value === "object" &&
    (value as Record<string, unknown>)[specialSigKey] === specialSecretSig
  );
}

/** True when a secret stands anywhere in `value`. */
export function containsSecret(value: unknown): boolean {
  if (isSecret(value)) return true;
  return value !== null && typeof value === "object" && Object.values(value).some(containsSecret);
}

/** The value with every secret unwrapped, as a provider that does not accept secrets gets it. */
export function plain<T>(value: T): T {
  if (isSecret(value)) return plain((value as unknown as { value: T }).value);
  if (Array.isArray(value)) return value.map(plain) as T;
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)])) as T;
  }
  return value;
}

/** True when an unknown value of a preview stands anywhere in `value`. */
export function containsUnknown(value: unknown): boolean {
  if (value === unknown) return true;
  return value !== null && typeof value === "object" && Object.values(value).some(containsUnknown);
}

/** The wire form of a value that a preview cannot know. */
export const unknown: string = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

/**
 * Keeps secret what the inputs held as a secret: an output of the same name becomes one, whole, and so do the
 * names in `additional`. This is what the engine does for a provider that gets its secrets unwrapped.
 */
export function annotate(
  outputs: Readonly<Record<string, unknown>>,
  inputs: Readonly<Record<string, unknown>>,
  additional: readonly string[],
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(outputs).map(([name, value]) => {
      const secret = additional.includes(name) || (containsSecret(inputs[name]) && !containsSecret(value));
      return [name, secret ? wrapSecret(value) : value];
    }),
  );
}

/** Encrypts the secrets of a state, with a passphrase, as a backend stores them. */
export function seal(value: unknown, passphrase: string): unknown {
  return walk(value, (secret) => {
    const key = createHash("sha256").update(passphrase).digest();
    const text = JSON.stringify(secret);
    const iv = createHash("sha256").update(`${passphrase}\n${text}`).digest().subarray(0, 12);
    const cipher = createCipheriv("aes-256-gcm", key, iv);
    const body = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
    return {
      [specialSigKey]: specialSecretSig,
      ciphertext: `v1:${iv.toString("base64")}:${body.toString("base64")}`,
    };
  });
}

/** The reverse of `seal`. */
export function unseal(value: unknown, passphrase: string): unknown {
  if (isSecret(value)) {
    const [, iv = "", body = ""] = String((value as { ciphertext?: string }).ciphertext).split(":");
    const bytes = Buffer.from(body, "base64");
    const key = createHash("sha256").update(passphrase).digest();
    const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(iv, "base64"));
    decipher.setAuthTag(bytes.subarray(bytes.length - 16));
    const text = Buffer.concat([decipher.update(bytes.subarray(0, bytes.length - 16)), decipher.final()]);
    return wrapSecret(JSON.parse(text.toString("utf8")));
  }
  if (Array.isArray(value)) return value.map((entry) => unseal(entry, passphrase));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => [name, unseal(member, passphrase)]),
    );
  }
  return value;
}

function walk(value: unknown, replace: (secret: unknown) => unknown): unknown {
  if (isSecret(value)) return replace((value as { value: unknown }).value);
  if (Array.isArray(value)) return value.map((entry) => walk(entry, replace));
  if (value !== null && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, walk(member, replace)]));
  }
  return value;
}
