import { expect, test } from "vitest";
import { replyMisfits } from "./reply.ts";
import type { ExpectedReply } from "./types.ts";

const reply = {
  contentType: "Application/JSON; charset=utf-8",
  body: '{"error":"forbidden","at":{"rule":"a","more":[1,2]}}',
};

test.each<[string, ExpectedReply, string[]]>([
  ["nothing", {}, []],
  ["the media type alone", { type: "application/json" }, []],
  ["some members", { json: { error: "forbidden", at: { rule: "a" } } }, []],
  ["a list as a whole", { json: { at: { more: [1] } } }, ["json.at.more is [1,2]"]],
  ["another type", { type: "text/html" }, ["type is application/json"]],
  ["another value", { json: { error: "other" } }, ['json.error is "forbidden"']],
  ["a member that is not there", { json: { detail: "x" } }, ["json.detail is not there"]],
  ["what every object has", { json: { constructor: "x" } }, ["json.constructor is not there"]],
  ["another body", { body: "no" }, ['body is {"error":"forbidden","at":{"rule":"a","more":[1,2]}}']],
  [
    "all at once",
    { type: "a/b", body: "", json: { error: 1 } },
    [
      "type is application/json",
      'body is {"error":"forbidden","at":{"rule":"a","more":[1,2]}}',
      'json.error is "forbidden"',
    ],
  ],
])("expects %s", (_name, expected, misfits) => {
  expect(replyMisfits(expected, reply)).toEqual(misfits);
});

test("an answer without a type or without JSON is told, and no secret is", () => {
  const bare = { contentType: undefined, body: "-----BEGIN PRIVATE KEY-----" };
  expect(replyMisfits({ type: "a/b", json: { a: 1 }, body: "x" }, bare)).toEqual([
    "type is not said",
    "body is (hidden)",
    "body is no JSON",
  ]);
  expect(replyMisfits({ body: "x" }, { contentType: undefined, body: "" })).toEqual(["body is empty"]);
});
