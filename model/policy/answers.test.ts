import { expect, test } from "vitest";
import { enterprise } from "../compile/testing/exampleRules.ts";
import { loadDefinitions } from "../definition/load.ts";
import { DEFAULT_ANSWERS, REASONS, type Reason } from "../facts/answers.ts";
import { answerOf } from "./answers.ts";

function answered(ofHost: string, ofRule: string, reason: Reason) {
  const text = `keys:
  main: { algorithm: ES256, tokens: { issuer: "https://auth.example.com/", audience: api, lifetime: 15m }, rotation: { every: 90d } }
host: api.example.com
tokens: { ring: main, in: [header authorization] }
answers: ${ofHost}
rules: [{ id: a, match: { path: /a }, require: { scope: a }, answers: ${ofRule} }]
`;
  const { definitions, problems } = loadDefinitions([{ path: "api.yaml", text }], enterprise);
  expect(problems).toEqual([]);
  const [host] = definitions.hosts;
  if (host === undefined) throw new Error("no host");
  const { status, type, body } = answerOf(host, host.rules[0], reason);
  return `${status} ${type} ${body}`;
}

test.each(REASONS)("what is usual for %s is a problem of RFC 9457", (reason) => {
  const [, status, type, body] = /^(\d+) (\S+) (.*)$/.exec(answered("{}", "{}", reason)) ?? [];
  const { error, detail } = DEFAULT_ANSWERS[reason];
  expect(type).toBe("application/json");
  expect(JSON.parse(body ?? "")).toEqual({
    type: "about:blank",
    title: expect.stringMatching(/^[A-Z][A-Za-z ]+$/),
    status: Number(status),
    detail,
    error,
  });
});

const NOT_FOUND =
  '{"type":"about:blank","title":"Not Found","status":404,"detail":"There is nothing here.","error":"not_found"}';

test.each<[string, string, string, Reason, string]>([
  [
    "a sentence of one's own",
    "{}",
    "{ claims: { detail: Ask us. } }",
    "claims",
    '403 application/json {"type":"about:blank","title":"Forbidden","status":403,"detail":"Ask us.","error":"insufficient_scope"}',
  ],
  [
    "another status",
    "{}",
    "{ token: { status: 403 } }",
    "token",
    '403 application/json {"type":"about:blank","title":"Forbidden","status":403,"detail":"A valid access token is required.","error":"invalid_token"}',
  ],
  [
    "404 reads as what nothing lists",
    "{}",
    "{ token: { status: 404 } }",
    "token",
    `404 application/json ${NOT_FOUND}`,
  ],
  [
    "also as the host says that",
    "{ unlisted: { text: Gone fishing. } }",
    "{ token: { status: 404 } }",
    "token",
    "404 text/plain Gone fishing.",
  ],
  [
    "but not where that has another status",
    "{ unlisted: { status: 410 } }",
    "{ claims: { status: 404 } }",
    "claims",
    '404 application/json {"type":"about:blank","title":"Not Found","status":404,"detail":"The access token does not allow this.","error":"insufficient_scope"}',
  ],
  [
    "the rule's goes before the host's",
    "{ token: { text: host } }",
    "{ token: { html: rule } }",
    "token",
    "401 text/html rule",
  ],
  [
    "the host's where the rule says none",
    "{ token: { text: host } }",
    "{ claims: { html: rule } }",
    "token",
    "401 text/plain host",
  ],
  [
    "JSON of one's own",
    "{ limit: { json: { code: 7, more: [a] } } }",
    "{}",
    "limit",
    '429 application/json {"code":7,"more":["a"]}',
  ],
])("%s", (_name, ofHost, ofRule, reason, expected) => {
  expect(answered(ofHost, ofRule, reason)).toBe(expected);
});
