import { parse } from "yaml";
import { z } from "zod";
import { REASONS, type Reason } from "../facts/answers.ts";
import { ACCEPTABLE } from "../facts/pathTricks.ts";
import type { Fitting } from "./fitting.ts";
import { ringSchema } from "./ringSchema.ts";
import { count, duration, flag, stagedMode, text, texts, word } from "./schemaParts.ts";

/*
 * The shape of a definition file. Only shape: what one value means for another (a ring that does not exist, a
 * lifetime that is missing) is checked by the files beside this one, which know the reason.
 */

const match = z
  .strictObject({
    method: texts("Methods, in capitals; GET covers HEAD. All of them where it is left out.").optional(),
    path: texts("/a, /a/{id}/b, /a/{id}.json, or /a/* for /a and everything below; or several.", "/orders/*"),
    host: texts("Other hosts than the file's, or some of them.").optional(),
  })
  .meta({ description: "Which requests are meant.", examples: ["{ path: /orders/* }"] });

const tokenUse = z.strictObject({
  ring: text("Id of a ring with algorithm.", "storefront"),
  in: z
    .array(text("header <name> or cookie <name>.", "header authorization"))
    .min(1)
    .meta({ description: "Places of its tokens.", examples: ["[header authorization]"] }),
});

const claimValue = z.union([text("A value."), z.int()], { error: "expected a text or a whole number" });
const claimValues = z.union([claimValue, z.array(claimValue).min(1)], {
  error: "expected a value or a list of values",
});

const claimTests = z
  .strictObject({
    has: claimValues
      .describe(
        "A value that an element of the claim must have, or several of which it has one; aud, iss, jti and sub are read whole, an array or not.",
      )
      .optional(),
    length: count("How many elements of the claim are looked at.", 32).optional(),
    orAlone: flag("Whether the claim may be the value itself instead of an array that has it.").optional(),
    not: claimValues
      .describe("A value that the claim must not have, or several; it must be there, and of their type.")
      .optional(),
    present: z
      .union([z.literal(true), word(["text", "integer"], "What it must be.")], {
        error: "expected true, text or integer",
      })
      .describe("The claim must be there: a text that is not empty, a whole number, or for true either.")
      .optional(),
    atLeast: z
      .int({ error: "expected a whole number" })
      .describe("A whole number that the claim must reach.")
      .optional(),
    atMost: z
      .int({ error: "expected a whole number" })
      .describe("A whole number that the claim must not be over.")
      .optional(),
    startsWith: text("What the claim must begin with.", "team-").optional(),
    endsWith: text("What the claim must end with.", "-ops").optional(),
  })
  .describe("What the claim must be, all of it.");

const claimRequirement = z.union([claimTests, claimValue, z.array(claimValue).min(1)], {
  error: ({ input }) => {
    if (typeof input === "boolean")
      return "no function of Cloudflare's rules reads true or false: let the issuer write a text or 1 instead, or give a scope";
    if (typeof input === "number")
      return "expected a whole number: no function of Cloudflare's rules reads another; let the issuer write it as a text";
    return `expected a value, a list of values, or { ${Object.keys(claimTests.shape).join(", ")} }`;
  },
});

/** What `require` says besides `none`; of a recursive schema, zod wants the type said. */
interface AskedShape {
  ring?: string | undefined;
  scope?: string | string[] | { any: string[] } | undefined;
  audience?: string | string[] | undefined;
  issuer?: string | string[] | undefined;
  claims?: Record<string, z.infer<typeof claimRequirement>> | undefined;
  token?: "required" | "optional" | undefined;
  link?: string | undefined;
  address?: string | string[] | undefined;
  certificate?: "verified" | undefined;
  where?: string | undefined;
  any?: AskedShape[] | undefined;
  all?: AskedShape[] | undefined;
}

const asked: z.ZodType<AskedShape> = z
  .strictObject({
    ring: text(
      "Id of the ring whose token is needed; where it is left out, that of the surrounding require, or the file's first.",
    ).optional(),
    scope: z
      .union(
        [
          text("A scope."),
          z.array(text("A scope.")).min(1),
          z.strictObject({
            any: z.array(text("A scope.")).min(1).describe("Scopes of which the token must have one."),
          }),
        ],
        { error: "expected a text or a list of texts" },
      )
      .describe("Scopes that the token must have, all of them; { any: [...] } for one of them.")
      .optional(),
    audience: texts("Audiences besides the ring's, of which the token must have one.").optional(),
    issuer: texts("Of the ring's issuers those whose tokens are taken.").optional(),
    claims: z
      .record(
        text("Name of a claim: a.b for b inside a, '\"a.b\"' for one name with a dot."),
        claimRequirement,
      )
      .describe("Claims that the token must have, each as it must be.")
      .optional(),
    link: text("Id of a ring with hmac: a valid link is needed instead of a token.").optional(),
    token: word(
      ["required", "optional"],
      "optional: whoever leaves the token out passes; one that is there must be valid and say what is asked.",
    ).optional(),
    address: texts(
      "Addresses and ranges, or $name for a list of the account: the request must come from one of them.",
    ).optional(),
    certificate: word(
      ["verified"],
      "A client certificate that Cloudflare has verified (mTLS) and that is not revoked.",
    ).optional(),
    where: text(
      "A condition in Cloudflare's rules language that must hold, besides all else or as an alternative.",
      "cf.bot_management.score gt 29",
    ).optional(),
    get any() {
      return z.array(asked).min(1).describe("Requirements of which one is enough.").optional();
    },
    get all() {
      return z.array(asked).min(1).describe("Requirements that are needed together.").optional();
    },
  })
  .describe("What a request must bring.");

const requirement = z
  .union([word(["none"], "Nothing: the rule opens what it matches."), asked], {
    error: "expected none, or what a request must bring, such as { scope: orders:read }",
  })
  .describe("What a request must bring; none opens what the rule matches.");

const rateLimit = z
  .strictObject({
    per: text("ip, header <name> or token <claim>.", "ip"),
    requests: count("Requests that pass in one period."),
    every: duration("The period", "1m"),
    for: duration("How long the refusal lasts; the period where it is left out", "1m").optional(),
    mode: stagedMode("How hard the limit acts; the rule's mode where it is left out.").optional(),
  })
  .describe("How often it may.");

const answer = z.strictObject({
  status: count("The status, from 400 to 499.", 499).optional(),
  detail: text("The sentence in the problem that is answered (RFC 9457).").optional(),
  json: z
    .record(z.string(), z.unknown(), { error: "expected a map" })
    .describe("The whole body, as JSON.")
    .optional(),
  text: text("The whole body, as plain text.").optional(),
  html: text("The whole body, as a page.").optional(),
});

const answers = z
  .strictObject(
    Object.fromEntries(
      REASONS.map((reason) => [reason, answer.describe(`Who is refused by ${reason}.`).optional()]),
    ) as Record<Reason, z.ZodOptional<typeof answer>>,
  )
  .describe("What those get who are refused, where it is not the usual.");

const rule = z.strictObject({
  id: text("Names the rule at Cloudflare for life.", "orders-read"),
  was: text("The id that this rule had before.", "orders").optional(),
  match: match.optional(),
  require: requirement.optional(),
  rateLimit: rateLimit.optional(),
  expression: text("A condition in Cloudflare's rules language; the rule acts where it holds.").optional(),
  mode: stagedMode("How hard the rule acts; the file's mode where it is left out.").optional(),
  answers: answers.optional(),
  accepts: z
    .array(word(ACCEPTABLE, "What else is refused as ambiguous."))
    .min(1)
    .meta({ description: "What passes where this rule decides though it is refused as ambiguous elsewhere." })
    .optional(),
  before: texts("Ids of rules whose expressions stand behind this one's.").optional(),
  after: texts("Ids of rules whose expressions stand before this one's.").optional(),
});

const exception = z.strictObject({
  id: text("Names the exception.", "health"),
  match: match.meta({ examples: ["{ path: /health }"] }),
});

/** One definition file: keys, or a host with its rules, or both. */
export const fileSchema = z.strictObject({
  keys: z.record(text("Id of a ring."), ringSchema).describe("Rings of keys, by id.").optional(),
  host: texts(
    "The host that the rest of the file is about; or several, and all of it holds on each.",
  ).optional(),
  tokens: z
    .union([tokenUse, z.array(tokenUse).min(1)], { error: "expected { ring, in } or a list of them" })
    .describe("Where tokens stand in a request; the first ring is the rules' default.")
    .optional(),
  rules: z
    .array(rule)
    .describe(
      "What requests must bring. Of the rules that require something, the most specific one that matches decides.",
    )
    .optional(),
  always: z
    .array(rule)
    .describe("Rules that hold besides the one that decides, for all requests that they match.")
    .optional(),
  except: z.array(exception).describe("Requests that no rule looks at.").optional(),
  cors: z
    .strictObject({
      preflight: word(["allow", "deny"], "Whether real CORS preflights pass without a token."),
    })
    .describe("What becomes of requests that browsers send before others.")
    .optional(),
  otherwise: word(["allow", "deny"], "What becomes of requests that nothing here matches.").optional(),
  mode: stagedMode("The mode of rules that state none; block where it is left out.").optional(),
  answers: answers.optional(),
});

/** What of a file has the right shape. */
export type FileShape = Fitting<z.infer<typeof fileSchema>>;
export type RingShape = Fitting<z.infer<typeof ringSchema>>;
export type AnswersShape = Fitting<z.infer<typeof answers>>;
export type RuleShape = Fitting<z.infer<typeof rule>>;
export type RequireShape = Fitting<AskedShape>;
export type ExceptionShape = Fitting<z.infer<typeof exception>>;
export type MatchShape = Fitting<z.infer<typeof match>>;
export type TokenUseShape = Fitting<z.infer<typeof tokenUse>>;

/** The JSON Schema (draft-07) of a definition file, for editors; its examples are values and no longer YAML. */
export function definitionJsonSchema(): Record<string, unknown> {
  return z.toJSONSchema(fileSchema, {
    target: "draft-7",
    override: ({ jsonSchema }) => {
      const { examples } = jsonSchema;
      // A schema that stands in two places comes twice.
      const value = (each: unknown): unknown => (typeof each === "string" ? parse(each) : each);
      if (Array.isArray(examples)) jsonSchema.examples = examples.map(value);
    },
  }) as Record<string, unknown>;
}
