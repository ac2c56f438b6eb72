import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deserialize, serialize } from "node:v8";
import { type EdgeState, freshState, type ZoneSpec } from "@keyturn/edge";
import type { JWK } from "jose";
import { z } from "zod";
import { CommandError } from "../../scripts/cli/errors.ts";

const settings = z.strictObject({
  format: z.literal(1),
  seed: z.int(),
  /** As `--pops` was given. */
  pops: z.string(),
  /** The virtual clock: milliseconds since the Unix epoch. */
  clock: z.number(),
  /** Commands so far: no two of them draw the same random numbers. */
  commands: z.int(),
  /** What the last `up` was told: folders as absolute paths. */
  project: z.string(),
  rules: z.string().optional(),
  stack: z.string(),
  issuer: z.strictObject({
    /** How late it learns of a new key. */
    lagSeconds: z.number(),
    /** Since when it learns of none: milliseconds since the Unix epoch. */
    stuckSince: z.number().optional(),
  }),
});

/** What a lab is, apart from what Cloudflare and the engine keep. Holds no secret. */
export type LabSettings = z.infer<typeof settings>;

/** A key that the issuer was given, and when. */
export interface Delivery {
  readonly at: number;
  readonly jwk: JWK;
}

/** What only this folder keeps, keys and secrets in plain: what Cloudflare holds, and what the issuer was given. */
export interface LabWorld {
  /** Every zone there ever was: leaving a stack's file takes none away from Cloudflare. */
  readonly zones: Map<string, ZoneSpec>;
  readonly edge: EdgeState;
  /** By ring, oldest first. */
  readonly deliveries: Map<string, Delivery[]>;
}

/** The two files of a lab; the folder and they are readable for their owner alone. */
export interface LabFiles {
  settings(): LabSettings | undefined;
  world(seed: number): LabWorld;
  save(settings: LabSettings, world: LabWorld): void;
}

/** The files of a lab in `folder`. A save is atomic for each file, so that a killed command leaves a whole one. */
export function labFiles(folder: string): LabFiles {
  const settingsFile = join(folder, "lab.json");
  const worldFile = join(folder, "cloudflare.bin");
  const write = (file: string, content: string | Uint8Array) => {
    writeFileSync(`${file}.new`, content, { mode: 0o600 });
    renameSync(`${file}.new`, file);
  };
  return {
    settings() {
      if (!existsSync(settingsFile)) return undefined;
      const parsed = settings.safeParse(jsonOf(readFileSync(settingsFile, "utf8")));
      if (parsed.success) return parsed.data;
      throw new CommandError("LAB_UNREADABLE", `${settingsFile} is not what this version of keyturn writes`);
    },
    world(seed) {
      if (!existsSync(worldFile)) return { zones: new Map(), edge: freshState(seed), deliveries: new Map() };
      try {
        return deserialize(readFileSync(worldFile));
      } catch {
        throw new CommandError("LAB_UNREADABLE", `${worldFile} is damaged`);
      }
    },
    save(current, world) {
      write(worldFile, serialize({ ...world, edge: withoutFunctions(world.edge) }));
      write(settingsFile, `${JSON.stringify(current, null, 2)}\n`);
    },
  };
}

/** Only a fault that ends the process holds a function; whoever opens the lab gives it another one. */
function withoutFunctions(edge: EdgeState): EdgeState {
  const faults = [...edge.faults].map((fault) =>
    fault.spec.kind === "foreignWriter" ? { ...fault, spec: { ...fault.spec, write: undefined } } : fault,
  );
  return { ...edge, faults: new Set(faults) as EdgeState["faults"] };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
