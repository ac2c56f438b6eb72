import { z } from "zod";
import { parseTokenSource } from "../../token/source.ts";
import type { Plan, TokenConfiguration } from "../../world/types.ts";
import { jsonBody } from "../body.ts";
import { type Problem, problem, refusal, refuseIfAny } from "../errors.ts";
import { paged } from "../paging.ts";
import { ok, type Reply } from "../reply.ts";
import { param, type Route, type ZoneCall, zoneRoute } from "../route.ts";
import { normalizeKeys, redacted } from "./keys.ts";

const path = "/token_validation/config";

/** `Z/token_validation/config[/{id}]`. Credentials have a file of their own. */
export const configRoutes: readonly Route[] = [
  zoneRoute("POST", path, "apiGateway", create),
  zoneRoute("GET", path, "apiGateway", list),
  zoneRoute("GET", `${path}/:config_id`, "apiGateway", read),
  zoneRoute("PATCH", `${path}/:config_id`, "apiGateway", update),
  zoneRoute("DELETE", `${path}/:config_id`, "apiGateway", remove),
];

/** The body of PUT and PATCH credentials, and the `credentials` member of a create. */
export const keySet = z.object({ keys: z.array(z.record(z.string(), z.unknown())) });

/**
 * Refuses (403, 10403) a zone that has no token validation: it comes with API Shield; Enterprise may try it
 * (developers.cloudflare.com: API Shield, JWT validation, availability).
 */
export function requireTokenValidation(call: ZoneCall): void {
  const { zone } = call;
  if (zone.addOns.includes("api_shield")) return;
  if (zone.plan === "enterprise") return;
  throw refusal("notEntitled", { feature: "token validation" });
}

/** The configuration that the path names, or 404. */
export function configurationOf(call: ZoneCall): TokenConfiguration {
  requireTokenValidation(call);
  const id = param(call, "config_id");
  const found = call.parts.tokenConfigurations.find((each) => each.id === id);
  if (found === undefined) {
    throw refusal("notFound", { what: "token configuration" });
  }
  return found;
}

/** Puts `changed` in the place of the configuration with its id. */
export function replaceConfiguration(call: ZoneCall, changed: TokenConfiguration): void {
  call.commit(
    "tokenConfigurations",
    call.parts.tokenConfigurations.map((each) => (each.id === changed.id ? changed : each)),
  );
}

/** The rules of a credentials write to this zone. */
export function keyRulesOf(call: ZoneCall) {
  return {
    mostKeys: call.limit("keysPerConfiguration"),
    rsaModulusBits: call.limit("rsaModulusBits"),
  };
}

function textMembers(call: ZoneCall) {
  const title = call.limit("titleLength");
  const description = call.limit("descriptionLength");
  const sources = call.limit("tokenSources");
  return z.object({
    title: z.string().min(1).max(title),
    description: z.string().max(description),
    token_sources: z.array(z.string()).min(1).max(sources),
  });
}

function create(call: ZoneCall): Reply {
  requireTokenValidation(call);
  const body = jsonBody(
    call.body,
    textMembers(call).extend({
      // Answers say JWT, the documentation's request examples jwt.
      token_type: z.string().regex(/^jwt$/i, "must be JWT"),
      credentials: keySet,
    }),
  );
  const count = call.parts.tokenConfigurations.length + 1;
  const limit = call.limit("configurationsPerZone");
  refuseIfAny([
    ...(count > limit ? [problem("tooMany", { what: "token configurations", count, limit })] : []),
    ...sourceProblems(call, body.token_sources),
  ]);
  const { keys, messages } = normalizeKeys(body.credentials.keys, keyRulesOf(call), "/credentials/keys");
  const now = call.world.timestamp();
  const made: TokenConfiguration = {
    id: call.world.id("uuid"),
    title: body.title,
    description: body.description,
    token_type: "JWT",
    token_sources: body.token_sources,
    keys,
    created_at: now,
    last_updated: now,
  };
  call.commit("tokenConfigurations", [...call.parts.tokenConfigurations, made]);
  return ok(answered(made), { messages });
}

function list(call: ZoneCall): Reply {
  requireTokenValidation(call);
  return paged(call.query, call.parts.tokenConfigurations.map(answered));
}

function read(call: ZoneCall): Reply {
  return ok(answered(configurationOf(call)));
}

/** Answers only what can be changed here (types of the SDK cloudflare 7.3.0). */
function update(call: ZoneCall): Reply {
  const before = configurationOf(call);
  const body = jsonBody(call.body, textMembers(call).partial());
  refuseIfAny(sourceProblems(call, body.token_sources ?? []));
  const changed: TokenConfiguration = {
    ...before,
    title: body.title ?? before.title,
    description: body.description ?? before.description,
    token_sources: body.token_sources ?? before.token_sources,
    last_updated: call.world.timestamp(),
  };
  replaceConfiguration(call, changed);
  const { id, title, description, token_sources } = changed;
  return ok({ id, title, description, token_sources });
}

function remove(call: ZoneCall): Reply {
  const { id } = configurationOf(call);
  call.commit(
    "tokenConfigurations",
    call.parts.tokenConfigurations.filter((each) => each.id !== id),
  );
  return ok({ id });
}

function sourceProblems(call: ZoneCall, sources: readonly string[]): readonly Problem[] {
  return sources.flatMap((source, index) => {
    const what = tokenSourceProblem(source, call.zone.plan);
    const where = `token_sources[${index}]`;
    return what === undefined ? [] : [problem("badTokenSource", { where, what }, `/token_sources/${index}`)];
  });
}

/**
 * What is wrong with a token source, or undefined. Sources have the form `field["name"][0]` with the fields
 * `http.request.headers` (keys are lower case) and `http.request.cookies` (Pro and higher).
 */
function tokenSourceProblem(source: string, plan: Plan): string | undefined {
  const found = parseTokenSource(source);
  if (found === undefined || found.name === "") {
    return 'must have the form http.request.headers["name"][0] or http.request.cookies["name"][0]';
  }
  const { kind, name } = found;
  if (kind === "header" && name !== name.toLowerCase()) {
    return `header names are lower case here: write "${name.toLowerCase()}"`;
  }
  if (kind === "cookie" && plan === "free") return "http.request.cookies needs the Pro plan or higher";
  return undefined;
}

function answered(configuration: TokenConfiguration) {
  const { keys, ...rest } = configuration;
  return { ...rest, credentials: { keys: keys.map(redacted) } };
}
