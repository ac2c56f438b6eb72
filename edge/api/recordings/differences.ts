/** One kind of place where this API answers otherwise than the recorded stand-in. */
export interface DifferenceRow {
  /** Method and path as recorded, the numbers of names left out. */
  readonly call: string;
  /** `status`, or the place in the answer; `*` is any array index, `**` all members of the object. */
  readonly at: string;
  readonly recorded: string;
  readonly answered: string;
  /** How many lines of the recordings show it. */
  readonly lines: number;
  readonly why: string;
}

const configuration = "/zones/<zone>/token_validation/config/<config>";
const standIn = "the stand-in added it to every change; the documentation has no such member";
const fourMembers = "PATCH answers id, title, description and token_sources only (types of the SDK)";

/** All differences; the replay fails on any other and on a row that no longer occurs. */
export const differenceTable: readonly DifferenceRow[] = [
  {
    call: "POST /zones/<zone>/token_validation/config",
    at: "/result/credentials/keys/*/k",
    recorded: "<secret>",
    answered: "absent",
    lines: 1,
    why: "a symmetric secret is never answered: an oct key comes back as {kty,alg,kid}",
  },
  ...["token_type", "credentials", "created_at", "last_updated"].map((member) => ({
    call: `PATCH ${configuration}`,
    at: `/result/${member}`,
    recorded: "present",
    answered: "absent",
    lines: 1,
    why: fourMembers,
  })),
  {
    call: `PATCH ${configuration}`,
    at: "/result/modified",
    recorded: "<time>",
    answered: "absent",
    lines: 1,
    why: standIn,
  },
  {
    call: `GET ${configuration}`,
    at: "/result/modified",
    recorded: "<time>",
    answered: "absent",
    lines: 2,
    why: standIn,
  },
  {
    call: "PATCH /zones/<zone>/token_validation/rules/<tokenRule>",
    at: "/result/modified",
    recorded: "<time>",
    answered: "absent",
    lines: 2,
    why: standIn,
  },
  {
    call: "PATCH /accounts/<account>/secrets_store/stores/<store>/secrets/<secret>",
    at: "/result/last_updated",
    recorded: "<time>",
    answered: "absent",
    lines: 2,
    why: "the time of a change is `modified`; the stand-in added a second member",
  },
  {
    call: `PUT ${configuration}/credentials`,
    at: "/result",
    recorded: "absent",
    answered: "present",
    lines: 1,
    why: "the SDK and the documentation read result.keys; the top-level keys are sent as well",
  },
  {
    call: "PUT /zones/<zone>/rulesets/<ruleset>",
    at: "/result/rules/*/version",
    recorded: "1",
    answered: "counted",
    lines: 5,
    why: "a changed rule gets a new version; the stand-in left it at 1",
  },
  {
    call: "DELETE /zones/<zone>/rulesets/<ruleset>",
    at: "status",
    recorded: "200",
    answered: "204",
    lines: 2,
    why: "the types of the SDK say 204, and the provider takes it (the choice rulesetDelete)",
  },
  {
    call: "DELETE /zones/<zone>/rulesets/<ruleset>",
    at: "",
    recorded: "present",
    answered: "absent",
    lines: 2,
    why: "a 204 has no body",
  },
  {
    call: "DELETE /accounts/<account>/secrets_store/stores/<store>/secrets/<secret>",
    at: "/result",
    recorded: "present",
    answered: "null",
    lines: 1,
    why: "documented: deleting a secret answers result: null",
  },
  {
    call: "DELETE /zones/<zone>/api_gateway/operations/<operation>",
    at: "/result",
    recorded: "present",
    answered: "absent",
    lines: 1,
    why: "the types of the SDK have errors, messages and success only",
  },
  {
    call: "GET /accounts/<account>/workers/services/jwks",
    at: "/result/default_environment/script/etag",
    recorded: "x",
    answered: "counted",
    lines: 1,
    why: "the etag is the one that the upload answered; the stand-in had a fixed text here",
  },
  {
    call: "GET /accounts/<account>/workers/scripts/jwks/settings",
    at: "/result/bindings/*/text",
    recorded: "<secret>",
    answered: "absent",
    lines: 1,
    why: "secret_text comes back without its text; the provider restores it from its state",
  },
  {
    call: "GET /accounts/<account>/workers/scripts/jwks/content/v2",
    at: "",
    recorded: "present",
    answered: "present",
    lines: 1,
    why: "only modules are answered, under a boundary of ours; the stand-in echoed the upload, metadata and secrets included",
  },
];
