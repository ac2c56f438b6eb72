import { describe, expect, test } from "vitest";
import { readSample, readSampleAddresses, sampleRequest } from "./sampleAddress.ts";

const URL_ = "https://auth.example.com/sample/shop";

function problem(value: unknown): string {
  try {
    readSampleAddresses(value);
    return "none";
  } catch (error) {
    const { code, message } = error as { code: string; message: string };
    return `${code}: ${message}`;
  }
}

describe("keyturn:samples", () => {
  test("has by ring a URL, or an object that says more", () => {
    const headers = { authorization: { env: "SAMPLE", prefix: "Bearer " }, "x-tenant": "a" };
    expect(
      readSampleAddresses({ shop: URL_, staff: { url: URL_, method: "POST", headers, body: "a=b" } }),
    ).toEqual({
      shop: { url: URL_, method: "GET", headers: {} },
      staff: { url: URL_, method: "POST", headers, body: "a=b" },
    });
    expect(readSampleAddresses(undefined)).toEqual({});
  });

  test.each([
    ["no URL", "auth.example.com", "keyturn:samples.shop.url Invalid URL"],
    ["another scheme", "file:///etc/passwd", "keyturn:samples.shop.url Invalid URL"],
    ["a password in it", "https://me:word@auth.example.com/", "has a user or password in it"],
    ["no URL in an object", { method: "GET" }, "keyturn:samples.shop.url Invalid input"],
    ["another method", { url: URL_, method: "DELETE" }, "keyturn:samples.shop.method Invalid option"],
    ["an unknown member", { url: URL_, header: {} }, 'keyturn:samples.shop Unrecognized key: "header"'],
    [
      "two sources of one value",
      { url: URL_, headers: { a: { env: "A", secret: "b" } } },
      "keyturn:samples.shop.headers.a",
    ],
  ])("with %s is refused", (_label, address, expected) => {
    expect(problem({ shop: address })).toMatch(/^STACK_CONFIG_INVALID: /);
    expect(problem({ shop: address })).toContain(expected);
  });

  test("all places that are wrong are named at once", () => {
    expect(problem({ shop: "x", staff: { url: URL_, method: "PUT" } })).toMatch(
      /keyturn:samples\.shop\.url .*; keyturn:samples\.staff\.method /,
    );
  });
});

describe("a request for a sample", () => {
  const address = (more: object) => {
    const found = readSampleAddresses({ shop: { url: URL_, ...more } }).shop;
    if (found === undefined) throw new Error("no address");
    return found;
  };
  const secret = async (source: object) => ("env" in source ? undefined : "from the stack");

  test("carries secret headers from an environment variable or the stack", async () => {
    const env = { headers: { authorization: { env: "SAMPLE", prefix: "Bearer " } } };
    const sent = await sampleRequest(address(env), async () => "word");
    expect(sent instanceof Request && sent.headers.get("authorization")).toBe("Bearer word");
    const stack = {
      method: "POST",
      body: "a=b",
      headers: { "x-key": { secret: "keyturn:sample" }, "x-tenant": "t" },
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
    expect(await sampleRequest(address({ headers: { a: { secret: "keyturn:sample" } } }), none)).toEqual({
      missing: "the stack has no configuration value keyturn:sample",
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
