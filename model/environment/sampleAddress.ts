import { z } from "zod";
import { text, word } from "../definition/schemaParts.ts";

/** Where the value of a secret header stands: an environment variable, or a stack secret by its full name. */
export type SecretSource = { readonly env: string } | { readonly secret: string };

const prefix = z.string().optional();
const headerValue = z.union(
  [
    text("The value as it is sent."),
    z.strictObject({ env: text("An environment variable."), prefix }),
    z.strictObject({ secret: text("A stack secret's full name."), prefix }),
  ],
  {
    error: 'expected a text, { env: NAME } or { secret: NAME }, the last two with a prefix such as "Bearer "',
  },
);

const url = z
  .url({ protocol: /^https?$/, abort: true, error: "expected an http or https URL" })
  .refine(
    hasNoUser,
    "expected a URL without user and password: whoever reads this file sees them; use a header",
  );

const address = z.strictObject(
  {
    url,
    method: word(["GET", "POST"], "How the address is asked.").default("GET"),
    headers: z.record(text("A header."), headerValue, { error: "expected a map" }).default({}),
    body: z.string({ error: "expected a text" }).optional(),
    member: text("The member that is the token or link, or a JSON pointer to it (RFC 6901).").optional(),
  },
  { error: "expected a URL, or a map of url, method, headers, body and member" },
);

/** Where a ring's issuer gives out one fresh production token or link, and how it is asked. */
export type SampleAddress = z.infer<typeof address>;

/** The members of an address. */
export const SAMPLE_MEMBERS = Object.keys(address.shape);

/** A URL, or an address that says more. No secret stands in it. */
export const sampleAddress = z.preprocess(
  (value) => (typeof value === "string" ? { url: value } : value),
  address,
);

function hasNoUser(value: string): boolean {
  const { username, password } = new URL(value);
  return username === "" && password === "";
}
