import type { Position, Problem } from "../problem/problem.ts";
import { readMirror } from "./mirrors.ts";
import { readHmac, readJwt } from "./ringKinds.ts";
import { RingReading } from "./ringReading.ts";
import { ringSchema } from "./ringSchema.ts";
import { show } from "./secrets.ts";
import type { ShapedFile } from "./shape.ts";
import type { Ring, RotationInput, Signer } from "./types.ts";

const RING_ID = /^[a-z][a-z0-9-]{0,30}$/;

/**
 * Reads the rings of all files; each problem is reported. A ring is answered where its kind is clear, with NaN for
 * durations that cannot be known; `sound` are those without any problem of their own.
 */
export function readRings(files: readonly ShapedFile[]): {
  readonly rings: readonly Ring[];
  readonly sound: readonly Ring[];
  readonly problems: readonly Problem[];
} {
  const problems: Problem[] = [];
  const rings: Ring[] = [];
  const sound: Ring[] = [];
  const seen = new Map<string, Position>();
  for (const { source, shape, misfits } of files) {
    for (const [id, ring] of Object.entries(shape.keys ?? {})) {
      if (ring === undefined) continue;
      const reading = new RingReading(id, ring, source);
      const first = seen.get(id);
      if (first !== undefined) {
        reading.report(
          "RING_ID_DUPLICATE",
          reading.self,
          `the ring ${show(id)} is already defined at ${first.file}:${first.line}`,
          "give one of them another id, or remove it",
        );
      }
      seen.set(id, first ?? reading.self);
      const read = readRing(reading);
      problems.push(...reading.problems);
      if (read === undefined || first !== undefined) continue;
      rings.push(read);
      const fits = misfits.every((path) => path[0] !== "keys" || (path[1] ?? id) !== id);
      if (fits && reading.problems.length === 0) sound.push(read);
    }
  }
  return { rings, sound, problems };
}

function readRing(reading: RingReading): Ring | undefined {
  const { ring } = reading;
  checkRingId(reading, reading.id, reading.self);
  if (ring.was !== undefined) checkRingId(reading, ring.was, reading.at("was"));
  const was = ring.was === undefined ? {} : { was: ring.was };
  if (reading.says("from")) return { ...readMirror(reading), id: reading.id, at: reading.self, ...was };
  const isJwt = reading.says("algorithm") || reading.says("tokens");
  if (isJwt === reading.says("hmac")) {
    reading.report(
      "RING_KIND_UNCLEAR",
      reading.self,
      `the ring ${show(reading.id)} says ${isJwt ? "both" : "neither"} algorithm with tokens ${isJwt ? "and" : "nor"} hmac`,
      "write algorithm and tokens for JSON Web Tokens, hmac for signed links, or from and tokens for somebody else's keys",
    );
    return undefined;
  }
  const rotation = readRotation(reading);
  const signer = readSigner(reading);
  const own = isJwt ? readJwt(reading) : readHmac(reading);
  return {
    ...own,
    id: reading.id,
    rotation,
    at: reading.self,
    ...was,
    ...(signer === undefined ? {} : { signer }),
  };
}

function checkRingId(reading: RingReading, id: string, at: Position): void {
  // Every object has a member named constructor, which a ring must not be taken for.
  if (RING_ID.test(id) && !(id in {})) return;
  reading.report(
    "RING_ID_INVALID",
    at,
    `${show(id)} cannot be a ring's id`,
    "use a small letter, then up to 30 of a-z, 0-9 and -",
  );
}

function readRotation(reading: RingReading): RotationInput {
  const { rotation } = reading.ring;
  if (!reading.says("rotation")) {
    reading.report(
      "MEMBER_MISSING",
      reading.self,
      `the ring ${show(reading.id)} has no rotation`,
      "add rotation: { every: 90d }",
    );
  }
  const at: Record<string, Position> = { self: reading.at("rotation") };
  const seconds: Record<string, number> = {};
  for (const name of Object.keys(ringSchema.shape.rotation.unwrap().shape)) {
    if (!reading.says("rotation", name)) continue;
    at[name] = reading.at("rotation", name);
    seconds[name] = reading.duration(rotation?.[name as keyof typeof rotation], ["rotation", name]);
  }
  return { ...seconds, every: seconds.every ?? Number.NaN, at };
}

function readSigner(reading: RingReading): Signer | undefined {
  const { signer } = reading.ring;
  if (signer === undefined) return undefined;
  const { secretsStore } = signer;
  const output = reading.says("signer", "output");
  if (reading.says("signer", "secretsStore") === output) {
    reading.report(
      "VALUE_INVALID",
      reading.at("signer"),
      `signer names ${output ? "two places" : "no place"} for the key`,
      "write either secretsStore: <name of the secret> or output: true",
    );
    return undefined;
  }
  if (secretsStore === undefined) return output ? { kind: "output" } : undefined;
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(secretsStore)) {
    reading.report(
      "VALUE_INVALID",
      reading.at("signer", "secretsStore"),
      "this cannot be the name of a secret in Secrets Store",
      "use letters, digits, _ and -, such as auth-signing-key",
    );
  }
  return { kind: "secretsStore", name: secretsStore };
}
