import { describe, expect, test } from "vitest";
import type { SampleAddress } from "../../model/environment/sampleAddress.ts";
import { readSample, sampleRequest } from "./sampleRequest.ts";

describe("a request for a sample", () => {
  const address = (more: Partial<SampleAddress>): SampleAddress => ({
    url: "https://auth.example.com/sample/shop",
    method: "GET",
    headers: {},
    ...more,
  });
  const secret = async (source: object) => ("env" in source ? undefined : "from the stack");

  test("carries secret headers from an environment variable or the stack", async () => {
    const env = { headers: { authorization: { env: "SAMPLE", prefix: "Bearer " } } };
    const sent = await sampleRequest(address(env), async () => "word");
    expect(sent instanceof Request && sent.headers.get("authorization")).toBe("Bearer word");
    const stack: Partial<SampleAddress> = {
      method: "POST",
      body: "a=b",
      headers: { "x-key": { secret: "issuer:sample" }, "x-tenant": "t" },
    };
    const posted = await sampleRequest(address(stack), secret);
    if (!(posted instanceof Request)) throw new Error(posted.missing);
    expect([
      posted.method,
      await posted.text(),
      posted.headers.get("x-key"),
      posted.headers.get("x-tenant"),
    ]).toEqual(["POST", "a=b", "from the stack", "t"]);
  });

  test("says which secret is not set", async () => {
    const none = async () => "";
    expect(await sampleRequest(address({ headers: { a: { env: "SAMPLE" } } }), secret)).toEqual({
      missing: "the environment variable SAMPLE is not set",
    });
    expect(await sampleRequest(address({ headers: { a: { secret: "issuer:sample" } } }), none)).toEqual({
      missing: "the stack has no configuration value issuer:sample",
    });
  });
});

describe("the sample in an answer", () => {
  test.each([
    ["jwt", { access_token: "a", token: "b" }, undefined, "a"],
    ["jwt", { token: "b", id_token: "c" }, undefined, "b"],
    ["jwt", { expires_in: 5, id_token: "c" }, undefined, "c"],
    ["hmac", { link: "/a?verify=1", url: "u" }, undefined, "/a?verify=1"],
    ["hmac", { url: "https://h/a" }, undefined, "https://h/a"],
    ["jwt", { access_token: "a", jwt: "d" }, "jwt", "d"],
    ["jwt", { data: [{ "a/b": "e" }] }, "/data/0/a~1b", "e"],
  ] as const)("of %s in %j under %s is %s", (kind, body, member, sample) => {
    expect(readSample(JSON.stringify(body), kind, member)).toEqual({ sample });
  });

  test.each([
    ["<html>eyJhbGciOiJFUzI1NiJ9</html>", undefined, "the answer is not JSON"],
    ['{"token":5}', undefined, "the answer has no text under access_token, token, id_token"],
    ['{"token":""}', undefined, "the answer has no text under access_token, token, id_token"],
    ["null", undefined, "the answer has no text under access_token, token, id_token"],
    ['{"a":"eyJhbGciOiJFUzI1NiJ9"}', "/b/c", "the answer has no text under /b/c"],
    ["{}", "toString", "the answer has no text under toString"],
  ])("%s under %s is none, and why holds nothing of it", (body, member, why) => {
    expect(readSample(body, "jwt", member)).toEqual({ why });
  });
});
