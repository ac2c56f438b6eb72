import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseDocument } from "yaml";
import * as z from "zod";
import type { Environment } from "../../model/definition/index.ts";
import { MODES } from "../../model/definition/index.ts";
import { CommandError } from "../cli/errors.ts";

const zone = z.looseObject({
  id: z.string(),
  name: z.string(),
  plan: z.enum(["free", "pro", "business", "enterprise"]),
  addOns: z.array(z.enum(["api_shield", "advanced_rate_limiting"])).optional(),
  limits: z.record(z.string(), z.number()).optional(),
});

/** What of a stack's file the definitions are checked against; all else (tokens, encrypted values) is not looked at. */
const stackFile = z.looseObject({
  config: z.looseObject({
    "keyturn:zones": z.array(zone),
    "keyturn:hosts": z.record(z.string(), z.string()).optional(),
    "keyturn:mode": z.enum(MODES).optional(),
  }),
});

/**
 * The environments of the stacks whose files (`Pulumi.<stack>.yaml`) lie in a folder: of one, or of all in name
 * order. Reads nothing but these files. Throws `CommandError`.
 */
export async function readStackEnvironments(folder: string, only?: string): Promise<readonly Environment[]> {
  const names = await readdir(folder).catch(() => []);
  const stacks = names.flatMap((name) => /^Pulumi\.(.+)\.ya?ml$/.exec(name)?.[1] ?? []).sort();
  if (only !== undefined && !stacks.includes(only)) {
    const known = stacks.length > 0 ? `there are ${stacks.join(", ")}` : "there is none";
    throw new CommandError(
      "STACK_NOT_FOUND",
      `there is no file of a stack \`${only}\`; ${known}`,
      "Give --stack a name that has a Pulumi.<stack>.yaml.",
    );
  }
  const wanted = only === undefined ? stacks : [only];
  return Promise.all(wanted.map((stack) => readEnvironment(folder, stack, names)));
}

async function readEnvironment(
  folder: string,
  stack: string,
  names: readonly string[],
): Promise<Environment> {
  const name = names.find((candidate) => candidate === `Pulumi.${stack}.yaml`) ?? `Pulumi.${stack}.yml`;
  const document = parseDocument(await readFile(join(folder, name), "utf8"));
  if (document.errors.length > 0) {
    throw new CommandError(
      "STACK_CONFIG_INVALID",
      `${name} is no valid YAML`,
      "Mend the file; `pulumi config` shows the place.",
    );
  }
  const parsed = stackFile.safeParse(document.toJS());
  if (!parsed.success) {
    const places = parsed.error.issues.map(
      ({ path, message }) => `${path.map(String).join(".")}: ${message}`,
    );
    throw new CommandError("STACK_CONFIG_INVALID", `${name}: ${places.join("; ")}`);
  }
  const {
    "keyturn:zones": zones,
    "keyturn:hosts": hosts = {},
    "keyturn:mode": mode = "block",
  } = parsed.data.config;
  return { stack, zones: zones as Environment["zones"], hosts, mode };
}
