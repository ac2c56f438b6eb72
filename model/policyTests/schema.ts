import { z } from "zod";
import { count, duration, text, word } from "../definition/schemaParts.ts";
import { TOKEN_FAULTS } from "./types.ts";

const said = { error: "expected passes or a status from 400 to 499" };
const status = z.int(said).min(400, said).max(499, said);

/** Most requests of one test, so that no slip of a digit makes it last for hours. */
const MOST_TIMES = 10_000;

/** The members of a test and of a row of one; a row's go before those of its test. */
const parts = {
  name: text("What is tested.", "a reader reads orders").optional(),
  host: text("Host of the request; the file's where it is left out.", "api.example.com").optional(),
  method: text("Method of the request; GET where it is left out.", "GET").optional(),
  path: text("Path of the request as it is sent, with the query.", "/orders/1").optional(),
  headers: z.record(text("Name of a header."), z.string({ error: "expected a text" })).optional(),
  token: z
    .union(
      [
        z.literal("none"),
        z.strictObject({
          ring: text("Ring whose active key signs it.", "main"),
          claims: z.record(text("Name of a claim."), z.json()).optional(),
          is: word(TOKEN_FAULTS, "What is wrong with it.").optional(),
        }),
      ],
      { error: "expected none or { ring, claims, is }" },
    )
    .optional(),
  link: text("Ring with hmac whose active key signs a link for the path.").optional(),
  after: duration("Time between the making of the token or link and the request", "2h").optional(),
  at: text("When the request is sent, in UTC; now where it is left out.", "2027-01-01T00:00:00Z").optional(),
  times: count("How often the request is sent in a row; the last answer counts.", MOST_TIMES).optional(),
  expect: z.union([z.literal("passes"), status], said).optional(),
  by: text("Id of the rule that decides.", "orders-read").optional(),
  reply: z
    .strictObject(
      {
        type: text("Media type of the answer.", "application/json").optional(),
        json: z.record(text("Name of a member."), z.json(), { error: "expected a map" }).optional(),
        body: z.string({ error: "expected a text" }).optional(),
      },
      { error: "expected { type, json, body }" },
    )
    .refine((reply) => Object.keys(reply).length > 0, "expected type, json or body")
    .optional(),
};

/** One file of policy tests. */
export const testFileSchema = z.strictObject({
  host: text("Host of the requests.", "api.example.com").optional(),
  tests: z.array(z.strictObject({ ...parts, rows: z.array(z.strictObject(parts)).min(1).optional() })).min(1),
});

export type TestParts = z.infer<z.ZodObject<typeof parts>>;
