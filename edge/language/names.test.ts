import { expect, test } from "vitest";
import { namesIn } from "./names.ts";
import { parse } from "./parser.ts";

test("fields and lists are found at every depth, and not in strings", () => {
  const text =
    'not (ip.src in $office or any(lower(http.request.headers.names[*])[*] eq "http.response.code")) and len(http.request.uri.args["http.host"]) in {1..2}';
  const { fields, lists } = namesIn(parse(text));
  expect([...fields]).toEqual(["ip.src", "http.request.headers.names", "http.request.uri.args"]);
  expect([...lists]).toEqual(["office"]);
});
