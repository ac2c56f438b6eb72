import type { RulesetRule } from "../world/types.ts";
import { CHALLENGE_LEVELS, type ChallengeLevel } from "./clearance.ts";
import type { LanguageChoices } from "./expressions.ts";
import { Parameters } from "./parameters.ts";
import { compileRedirect, type Redirect } from "./redirects.ts";
import { compileHeaderChanges, compileRewrite, type HeaderChange, type UriRewrite } from "./rewrites.ts";

/** The custom reply of a block rule. */
export interface BlockResponse {
  readonly statusCode: number;
  readonly content: string;
  readonly contentType: string;
}

/** What `skip` switches off. */
export interface SkipParameters {
  readonly ruleset: boolean;
  readonly phase: boolean;
  readonly phases: readonly string[];
  /** Products outside the ruleset phases; of those only `rateLimit` means something here. */
  readonly products: readonly string[];
  readonly rulesets: readonly string[];
  readonly rules: readonly string[];
}

/** Settings of `set_cache_settings` that this edge follows. */
export interface CacheSettings {
  readonly cache?: boolean;
  /** Seconds; overrides what the origin says. */
  readonly edgeTtl?: number;
  readonly ignoreQuery?: boolean;
  readonly excludedArguments?: readonly string[];
  readonly includedArguments?: readonly string[];
}

export interface OriginOverride {
  readonly hostHeader?: string;
  readonly host?: string;
  readonly port?: number;
}

/** The action of a rule with its parameters read. */
export type CompiledAction =
  | { readonly kind: "block"; readonly response: BlockResponse | undefined }
  | { readonly kind: "challenge"; readonly level: ChallengeLevel }
  | { readonly kind: "log" }
  | { readonly kind: "skip"; readonly skip: SkipParameters }
  | { readonly kind: "execute"; readonly rulesetId: string }
  | { readonly kind: "rewrite"; readonly uri: UriRewrite; readonly headers: readonly HeaderChange[] }
  | { readonly kind: "redirect"; readonly redirect: Redirect }
  | { readonly kind: "route"; readonly origin: OriginOverride }
  | { readonly kind: "cache"; readonly settings: CacheSettings }
  | { readonly kind: "serveError"; readonly response: BlockResponse }
  /** Actions that change nothing a request can see here, such as set_config. */
  | { readonly kind: "none" };

/** Reads the parameters of a rule's action; members of the wrong type count as absent. */
export function compileAction(rule: RulesetRule, choices: LanguageChoices): CompiledAction {
  const parameters = new Parameters(rule.action_parameters);
  switch (rule.action) {
    case "block":
      return { kind: "block", response: blockResponse(parameters.object("response")) };
    case "challenge":
    case "js_challenge":
    case "managed_challenge":
      return { kind: "challenge", level: levelOf(rule.action) };
    case "log":
      return { kind: "log" };
    case "skip":
      return { kind: "skip", skip: skipParameters(parameters) };
    case "execute":
      return { kind: "execute", rulesetId: parameters.string("id") ?? "" };
    case "rewrite":
      return {
        kind: "rewrite",
        uri: compileRewrite(parameters.object("uri"), choices),
        headers: compileHeaderChanges(parameters.object("headers"), choices),
      };
    case "redirect":
      return { kind: "redirect", redirect: compileRedirect(parameters.object("from_value"), choices) };
    case "route":
      return { kind: "route", origin: originOverride(parameters) };
    case "set_cache_settings":
      return { kind: "cache", settings: cacheSettings(parameters) };
    case "serve_error":
      return {
        kind: "serveError",
        response: {
          statusCode: parameters.number("status_code") ?? 500,
          content: parameters.string("content") ?? "",
          contentType: parameters.string("content_type") ?? "text/html",
        },
      };
    default:
      return { kind: "none" };
  }
}

function levelOf(action: string): ChallengeLevel {
  return CHALLENGE_LEVELS.find((level) => level === action) ?? "challenge";
}

function blockResponse(response: Parameters): BlockResponse | undefined {
  const content = response.string("content");
  if (content === undefined) return undefined;
  return {
    statusCode: response.number("status_code") ?? 403,
    content,
    contentType: response.string("content_type") ?? "text/html",
  };
}

function skipParameters(parameters: Parameters): SkipParameters {
  const rules = parameters.object("rules").entries();
  return {
    ruleset: parameters.string("ruleset") === "current",
    phase: parameters.string("phase") === "current",
    phases: parameters.strings("phases") ?? [],
    products: parameters.strings("products") ?? [],
    rulesets: parameters.strings("rulesets") ?? [],
    rules: rules.flatMap(([, ids]) => (Array.isArray(ids) ? ids.map(String) : [])),
  };
}

function originOverride(parameters: Parameters): OriginOverride {
  const hostHeader = parameters.string("host_header");
  const host = parameters.object("origin").string("host");
  const port = parameters.object("origin").number("port");
  return {
    ...(hostHeader === undefined ? {} : { hostHeader }),
    ...(host === undefined ? {} : { host }),
    ...(port === undefined ? {} : { port }),
  };
}

function cacheSettings(parameters: Parameters): CacheSettings {
  const cache = parameters.boolean("cache");
  const edgeTtl = parameters.object("edge_ttl");
  const ttl = edgeTtl.string("mode") === "override_origin" ? edgeTtl.number("default") : undefined;
  const query = parameters.object("cache_key").object("custom_key").object("query_string");
  const excluded = query.object("exclude");
  const included = query.object("include");
  const excludedArguments = query.strings("exclude") ?? excluded.strings("list");
  const includedArguments = query.strings("include") ?? included.strings("list");
  // `exclude: "*"` and `exclude: {all: true}` both leave the whole query out of the key.
  const ignoreQuery = query.string("exclude") === "*" || excluded.boolean("all") === true;
  return {
    ...(cache === undefined ? {} : { cache }),
    ...(ttl === undefined ? {} : { edgeTtl: ttl }),
    ...(ignoreQuery ? { ignoreQuery } : {}),
    ...(excludedArguments === undefined ? {} : { excludedArguments }),
    ...(includedArguments === undefined ? {} : { includedArguments }),
  };
}
