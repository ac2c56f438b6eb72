import { z } from "zod";

/*
 * The members of an OpenAPI document that say who may call what, and nothing else.
 * Source: spec.openapis.org/oas/v3.0.4 and v3.1.1, as of 2026-11. Unknown members are passed over, as both demand.
 */

const text = z.string({ error: "expected a text" });
const list = { error: "expected a list" };

const security = z.array(
  z.record(text, z.array(text, list), { error: "expected a map of scheme to scopes" }),
  list,
);
const servers = z.array(
  z.looseObject({
    url: text,
    variables: z.record(text, z.looseObject({ default: z.union([text, z.number()]) })).optional(),
  }),
  list,
);
export type Server = z.infer<typeof servers>[number];

export const operationSchema = z.looseObject(
  { operationId: text.optional(), security: security.optional(), servers: servers.optional() },
  { error: "expected a map" },
);

export const pathItemSchema = z.looseObject({ servers: servers.optional() }, { error: "expected a map" });

export const schemeSchema = z.discriminatedUnion(
  "type",
  [
    z.looseObject({ type: z.literal("http"), scheme: text }),
    z.looseObject({ type: z.literal("oauth2") }),
    z.looseObject({ type: z.literal("openIdConnect"), openIdConnectUrl: text }),
    z.looseObject({ type: z.literal("apiKey"), in: z.enum(["query", "header", "cookie"]), name: text }),
    z.looseObject({ type: z.literal("mutualTLS") }),
  ],
  { error: "expected type: http, oauth2, openIdConnect, apiKey or mutualTLS" },
);

const map = z.record(text, z.unknown(), { error: "expected a map" });

export const documentSchema = z.looseObject(
  {
    openapi: text.regex(/^3\.[01]\.\d/, {
      error: "expected 3.0.x or 3.1.x; convert another version with a tool of its own first",
    }),
    info: z.looseObject({ title: text, version: text }, { error: "expected a map with title and version" }),
    servers: servers.optional(),
    security: security.optional(),
    paths: map.optional(),
    components: z.looseObject({ securitySchemes: map.optional() }, { error: "expected a map" }).optional(),
  },
  { error: "expected a map" },
);
