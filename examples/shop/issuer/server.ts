import { randomBytes } from "node:crypto";
import { join, resolve } from "node:path";
import { serve } from "@hono/node-server";
import { loadDefinitions } from "../../../model/definition/load.ts";
import { readRuleFiles } from "../../../scripts/check/ruleFiles.ts";
import { createIssuer } from "./createIssuer.ts";
import { demoUser } from "./demoUsers.ts";
import type { IssuerRings } from "./issuerRing.ts";
import { cachedKeySource } from "./keySource.ts";
import { fileKeySource, stackKeySource } from "./stackKeySource.ts";

const project = resolve(import.meta.dirname, "..", "..", "..");
const { ISSUER_HOST, ISSUER_PORT, ISSUER_STACK, ISSUER_SIGNERS_FILE, ISSUER_PASSWORD, ISSUER_SAMPLE_SECRET } =
  process.env;

const clock = () => new Date();
const password = ISSUER_PASSWORD || randomBytes(12).toString("base64url");
const keys = ISSUER_SIGNERS_FILE ? fileKeySource(ISSUER_SIGNERS_FILE) : stackKeySource(ISSUER_STACK, project);

const app = createIssuer({
  keySource: cachedKeySource(keys, clock),
  clock,
  rings: await declaredRings(),
  authenticate: demoUser(password),
  ...(ISSUER_SAMPLE_SECRET ? { sampleSecret: ISSUER_SAMPLE_SECRET } : {}),
});

const server = serve(
  { fetch: app.fetch, hostname: ISSUER_HOST || "127.0.0.1", port: Number(ISSUER_PORT || 8788) },
  (at) => {
    process.stderr.write(`issuer at http://${at.address}:${at.port}, user demo\n`);
    if (!ISSUER_PASSWORD) process.stderr.write(`password of this run: ${password}\n`);
  },
);
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => server.close());

/** Issuer, audience, lifetime and parameter of each ring, from the definitions that the rules are made of too. */
async function declaredRings(): Promise<IssuerRings> {
  const files = await readRuleFiles(
    process.env.KEYTURN_RULES ?? join(import.meta.dirname, "..", "rules"),
    "rules",
  );
  const { definitions } = loadDefinitions(files, { stack: "issuer", zones: [] });
  return Object.fromEntries(
    definitions.rings.flatMap((ring) => (ring.kind === "mirror" ? [] : [[ring.id, ring]])),
  );
}
