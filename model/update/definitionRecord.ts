import { createHash } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { z } from "zod";
import { type DeploymentSettings, deploymentSchema } from "../environment/settings.ts";
import { firstMisfit } from "../problem/problem.ts";
import { canonicalJson } from "../ring/canonicalJson.ts";

/** What an update is made from, besides keys. */
export interface Source {
  readonly files: readonly { readonly path: string; readonly text: string }[];
  readonly settings: DeploymentSettings;
}

/** The newest format of the record that this program reads, and the one it writes. */
const RECORD_FORMAT = 1;

const digest = z.string().regex(/^[0-9a-f]{16}$/);

const record = z.object({
  definitions: z.strictObject({
    format: z.literal(RECORD_FORMAT),
    settings: deploymentSchema,
    /** Of the files, of the settings, and of what was compiled from both. */
    digests: z.strictObject({ files: digest, settings: digest, compiled: digest }),
  }),
  /** Paths and texts as JSON, compressed (RFC 1950), in base64. */
  definitionFiles: z.string(),
});

/**
 * What was last deployed, whole, as two stack outputs. An advance works from them and not from what lies on disk, so
 * that it deploys no rule and is the same from any checkout.
 */
export type DefinitionRecord = {
  readonly definitions: Omit<z.infer<typeof record>["definitions"], "settings"> & {
    readonly settings: DeploymentSettings;
  };
  readonly definitionFiles: string;
};

const texts = z.array(z.tuple([z.string(), z.string()]));

export type RecordReading =
  | { readonly ok: true; readonly record: DefinitionRecord; readonly source: Source }
  | {
      readonly ok: false;
      readonly code: "NOT_DEPLOYED" | "LEDGER_FORMAT_NEWER" | "LEDGER_UNREADABLE";
      readonly message: string;
    };

/** The first 16 hexadecimal digits of the SHA-256 of a value's canonical JSON. */
export function digestOf(value: unknown): string {
  return createHash("sha256").update(canonicalJson(value)).digest("hex").slice(0, 16);
}

/**
 * The record of what is being deployed. Where nothing changed it is the former one to the byte: builds of zlib differ
 * in what they make of the same text.
 *
 * @param compiled digest of what was compiled from the source
 * @param last the outputs of the last update
 */
export function recordOf(
  { files, settings }: Source,
  compiled: string,
  last: Readonly<Record<string, unknown>>,
): DefinitionRecord {
  const pairs = [...files]
    .map(({ path, text }) => [path, text] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1));
  const digests = { files: digestOf(pairs), settings: digestOf(settings), compiled };
  const former = record.safeParse(last);
  if (former.success && canonicalJson(former.data.definitions.digests) === canonicalJson(digests))
    return former.data;
  const packed = deflateSync(JSON.stringify(pairs), { level: 9 }).toString("base64");
  return { definitions: { format: RECORD_FORMAT, settings, digests }, definitionFiles: packed };
}

/** Reads the record from the outputs of the last successful update. */
export function readRecord(outputs: Readonly<Record<string, unknown>>): RecordReading {
  const value = outputs.definitions;
  if (value === undefined) {
    return {
      ok: false,
      code: "NOT_DEPLOYED",
      message:
        "the stack does not say which definitions are deployed, and no key is moved without them: run `pulumi up` first, which records them",
    };
  }
  const format = (value as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > RECORD_FORMAT) {
    return {
      ok: false,
      code: "LEDGER_FORMAT_NEWER",
      message: `this stack's output \`definitions\` has format ${format}, this program knows up to ${RECORD_FORMAT}: use the newer checkout that wrote it`,
    };
  }
  const parsed = record.safeParse(outputs);
  if (!parsed.success) return unreadable(firstMisfit(parsed.error));
  const { settings, digests } = parsed.data.definitions;
  const pairs = unpacked(parsed.data.definitionFiles);
  if (pairs === undefined) return unreadable("definitionFiles: not compressed files");
  if (digestOf(pairs) !== digests.files || digestOf(settings) !== digests.settings)
    return unreadable("its text is not what its digests say");
  return {
    ok: true,
    record: parsed.data,
    source: { files: pairs.map(([path, text]) => ({ path, text })), settings },
  };
}

function unpacked(packed: string): z.infer<typeof texts> | undefined {
  try {
    return texts.parse(JSON.parse(inflateSync(Buffer.from(packed, "base64")).toString("utf8")));
  } catch {
    return undefined;
  }
}

function unreadable(why: string): RecordReading {
  return {
    ok: false,
    code: "LEDGER_UNREADABLE",
    message: `the stack's output \`definitions\` cannot be used (${why}): it was changed by hand or written by another version of keyturn. \`pulumi up\` writes it anew`,
  };
}
