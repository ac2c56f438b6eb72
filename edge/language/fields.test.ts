import { describe, expect, test } from "vitest";
import { claimsOf } from "./claims.ts";
import { FIELD_INDEX } from "./fieldIndex.ts";
import { FIELDS } from "./fields.ts";
import type { IpAddress } from "./ip.ts";
import { ipText } from "./ip.ts";
import type { RequestFields } from "./request.ts";
import { configurationA, configurationB, sampleRequest } from "./testing/sample.ts";

/** A field's value with maps as objects and addresses as text, so that it can be written down. */
function plain(value: unknown): unknown {
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, item]) => [key, plain(item)]));
  if (Array.isArray(value)) return value.map(plain);
  return typeof value === "object" && value !== null && "words" in value ? ipText(value as IpAddress) : value;
}

function read(name: string, request: RequestFields = sampleRequest()): unknown {
  return plain(FIELDS.get(name)?.read(request));
}

const args = { page: ["2"], tag: ["a", "b"], flag: [""], q: ["a%20b"] };
const document = sampleRequest().claims?.get(configurationA)?.document;

describe("a request's fields", () => {
  test.each<[string, unknown]>([
    ["http.host", "api.example.com"],
    ["http.request.method", "GET"],
    ["http.request.full_uri", "https://api.example.com/Orders/7.JSON?page=2&tag=a&tag=b&flag&q=a%20b"],
    ["http.request.uri", "/Orders/7.JSON?page=2&tag=a&tag=b&flag&q=a%20b"],
    ["http.request.uri.path", "/Orders/7.JSON"],
    ["http.request.uri.path.extension", "json"],
    ["http.request.uri.query", "page=2&tag=a&tag=b&flag&q=a%20b"],
    ["http.request.uri.args", args],
    ["http.request.uri.args.names", ["page", "tag", "tag", "flag", "q"]],
    ["http.request.uri.args.values", ["2", "a", "b", "", "a%20b"]],
    ["raw.http.request.full_uri", "https://api.example.com/Orders//7.JSON?page=2&tag=a&tag=b&flag&q=a%20b"],
    ["raw.http.request.uri", "/Orders//7.JSON?page=2&tag=a&tag=b&flag&q=a%20b"],
    ["raw.http.request.uri.path", "/Orders//7.JSON"],
    ["raw.http.request.uri.path.extension", "json"],
    ["raw.http.request.uri.query", "page=2&tag=a&tag=b&flag&q=a%20b"],
    ["raw.http.request.uri.args", args],
    ["raw.http.request.uri.args.names", ["page", "tag", "tag", "flag", "q"]],
    ["raw.http.request.uri.args.values", ["2", "a", "b", "", "a%20b"]],
    ["http.request.version", "HTTP/2"],
    [
      "http.request.headers",
      {
        host: ["api.example.com"],
        "x-tag": ["one", "two"],
        cookie: ["session=abc; th%65me=dark; theme=light"],
      },
    ],
    ["http.request.headers.names", ["Host", "X-Tag", "x-tag", "Cookie"]],
    [
      "http.request.headers.values",
      ["api.example.com", "one", "two", "session=abc; th%65me=dark; theme=light"],
    ],
    ["http.request.headers.truncated", false],
    ["http.user_agent", ""],
    ["http.referer", ""],
    ["http.x_forwarded_for", ""],
    ["http.cookie", "session=abc; th%65me=dark; theme=light"],
    ["http.request.cookies", { session: ["abc"], theme: ["dark", "light"] }],
    ["http.request.timestamp.sec", 1_790_000_100],
    ["http.request.timestamp.msec", 250],
    ["ssl", true],
    ["ip.src", "192.0.2.7"],
    ["ip.src.asnum", 64_496],
    ["ip.src.country", "NL"],
    ["ip.src.continent", "EU"],
    ["ip.geoip.asnum", 64_496],
    ["ip.geoip.country", "NL"],
    ["ip.geoip.continent", "EU"],
    ["cf.client.bot", false],
    ["cf.api_gateway.auth_id_present", false],
    ["cf.api_gateway.fallthrough_detected", false],
    ["cf.ray_id", "8f1d2c3b4a5e6f70"],
    ["cf.waf.score", 35],
    ["cf.threat_score", 0],
    ["cf.tls_client_auth.cert_verified", false],
    ["cf.bot_management.ja3_hash", undefined],
    ["cf.bot_management.ja4", undefined],
    ["cf.random_seed", undefined],
    ["cf.colo.id", undefined],
    ["cf.unique_visitor_id", undefined],
    ["http.response.code", undefined],
    ["http.response.headers", undefined],
    ["http.response.headers.names", undefined],
    ["http.response.headers.values", undefined],
    ["http.response.content_type.media_type", undefined],
    ["raw.http.response.headers", undefined],
    ["raw.http.response.headers.names", undefined],
    ["raw.http.response.headers.values", undefined],
    ["http.request.body.raw", '{"action":"pay","amount":42}'],
    ["http.request.body.size", 28],
    ["http.request.body.truncated", false],
    ["http.request.body.form", {}],
    ["http.request.body.form.names", []],
    ["http.request.body.form.values", []],
    ["http.request.body.multipart", {}],
    ["http.request.body.multipart.values", []],
    ["http.request.body.multipart.names", []],
    ["http.request.body.multipart.filenames", []],
    ["http.request.body.multipart.content_types", []],
    ["http.request.body.multipart.content_dispositions", []],
    ["http.request.body.multipart.content_transfer_encodings", []],
    ["http.request.jwt.claims", { [configurationA]: [document] }],
    ["http.request.jwt.claims.aud", { [configurationA]: ["api", "web"] }],
    ["http.request.jwt.claims.aud.names", [configurationA]],
    ["http.request.jwt.claims.aud.values", ["api", "web"]],
    ["http.request.jwt.claims.iss", { [configurationA]: ["https://auth.example.com/"] }],
    ["http.request.jwt.claims.iss.names", [configurationA]],
    ["http.request.jwt.claims.iss.values", ["https://auth.example.com/"]],
    ["http.request.jwt.claims.sub", { [configurationA]: ["user-1"] }],
    ["http.request.jwt.claims.sub.names", [configurationA]],
    ["http.request.jwt.claims.sub.values", ["user-1"]],
    ["http.request.jwt.claims.jti", {}],
    ["http.request.jwt.claims.jti.names", []],
    ["http.request.jwt.claims.jti.values", []],
    ["http.request.jwt.claims.iat.sec", { [configurationA]: [1_790_000_000] }],
    ["http.request.jwt.claims.iat.sec.names", [configurationA]],
    ["http.request.jwt.claims.iat.sec.values", [1_790_000_000]],
    ["http.request.jwt.claims.nbf.sec", {}],
    ["http.request.jwt.claims.nbf.sec.names", []],
    ["http.request.jwt.claims.nbf.sec.values", []],
  ])("%s", (name, expected) => {
    expect(read(name)).toEqual(expected);
    covered.add(name);
  });

  const covered = new Set<string>();
  test("what is left out above is supplied by name", () => {
    const others = [...FIELDS.values()].filter(({ name }) => !covered.has(name));
    for (const { name, type } of others) {
      expect([name, read(name)]).toEqual([name, type === "Bool" ? false : undefined]);
      const newName = name.replace("ip.geoip", "ip.src");
      expect(read(name, sampleRequest({ others: { [newName]: "given" } }))).toBe("given");
    }
    expect(others).toHaveLength(92);
  });
});

describe("bodies", () => {
  test("a form is split and not decoded, whatever its charset", () => {
    const form = sampleRequest({
      headers: [["Content-Type", "Application/X-WWW-Form-Urlencoded; charset=utf-8"]],
      body: "a=1&b=%20&a=2&c",
    });
    expect(read("http.request.body.form", form)).toEqual({ a: ["1", "2"], b: ["%20"], c: [""] });
    expect(read("http.request.body.form.names", form)).toEqual(["a", "b", "a", "c"]);
    expect(read("http.request.body.form.values", form)).toEqual(["1", "%20", "2", ""]);
  });

  test("multipart parts show names, files and headers", () => {
    const body = [
      "--XX",
      'Content-Disposition: form-data; name="a"',
      "",
      "one",
      "--XX",
      'content-disposition: form-data; name=file; filename="x.txt"',
      "Content-Type: text/plain",
      "Content-Transfer-Encoding: 8bit",
      "",
      "two\r\nlines",
      "--XX--",
      "epilogue",
    ].join("\r\n");
    const request = sampleRequest({
      headers: [["content-type", 'multipart/form-data; boundary="XX"']],
      body,
    });
    const of = (suffix: string) => read(`http.request.body.multipart${suffix}`, request);
    expect(of("")).toEqual({ a: ["one"], file: ["two\r\nlines"] });
    expect(of(".values")).toEqual(["one", "two\r\nlines"]);
    expect(of(".names")).toEqual([["a"], ["file"]]);
    expect(of(".filenames")).toEqual([[], ["x.txt"]]);
    expect(of(".content_types")).toEqual([[], ["text/plain"]]);
    expect(of(".content_transfer_encodings")).toEqual([[], ["8bit"]]);
    expect(of(".content_dispositions")).toEqual([
      ['form-data; name="a"'],
      ['form-data; name=file; filename="x.txt"'],
    ]);
  });
});

describe("claims", () => {
  test.each([
    ['{"aud":["a",1,"b"],"iss":"i","sub":"s","jti":"j","iat":1,"nbf":2,"exp":3}', "all but exp"],
    ['{"aud":[],"iss":1,"sub":null,"iat":1.5,"nbf":"2"}', "none: wrong types"],
    ["[1]", "none: no object"],
    ["{", "none: no JSON"],
  ])("%s", (document, which) => {
    const all = { aud: ["a", "b"], iss: ["i"], jti: ["j"], sub: ["s"], iat: [1], nbf: [2] };
    expect(claimsOf(document)).toEqual({ document, ...(which === "all but exp" ? all : {}) });
  });

  test("a name with an escape is read right after another client's document", () => {
    expect(claimsOf('{"a":1,"\\\\":"x"}').sub).toBeUndefined();
    expect(claimsOf('{"a":1,"s\\u0075b":"x"}').sub).toEqual(["x"]);
  });

  test("a claim of another type than its field is missing there", () => {
    const claims = claimsOf('{"aud":["a",1,"b"],"sub":7,"iat":1.5,"nbf":"1","iss":"\\u00fc"}');
    expect(claims).toEqual({ document: claims.document, aud: ["a", "b"], iss: ["\u00c3\u00bc"] });
  });

  test.each(["[]", "null", '"x"', "{", "", "\u00ff"])("%s gives no claims", (document) => {
    expect(claimsOf(document)).toEqual({ document });
  });

  test("maps hold every configuration whose token verified", () => {
    const claims = new Map([
      [configurationA, claimsOf('{"sub":"a"}')],
      [configurationB, claimsOf('{"sub":"b"}')],
    ]);
    expect(read("http.request.jwt.claims.sub", sampleRequest({ claims }))).toEqual({
      [configurationA]: ["a"],
      [configurationB]: ["b"],
    });
    expect(read("http.request.jwt.claims.sub.values", sampleRequest({ claims }))).toEqual(["a", "b"]);
  });
});

test("the index is whole: names once each, labels and places as Cloudflare counts them", () => {
  const counts: Record<string, number> = {};
  for (const [, , gate = "free", places = []] of FIELD_INDEX) {
    const key = places.length === 0 ? gate : `${gate} in ${places.join(", ")}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  expect(new Set(FIELD_INDEX.map(([name]) => name)).size).toBe(173);
  expect(counts).toEqual({
    free: 90,
    pro: 2,
    business: 4,
    enterprise: 15,
    api_shield: 1,
    bot_management: 9,
    content_scanning: 8,
    "api_shield in customRules, rateLimits, requestHeaders": 18,
    "free in customRules, rateLimits, managedRules": 1,
    "enterprise in customRules, rateLimits, managedRules": 13,
    "free in responses, counting": 8,
    "free in rewrites": 1,
    "free in transforms": 1,
    "free in responseHeaders, customErrors": 2,
  });
});

test("the response's fields, where there is one", () => {
  const request = sampleRequest({
    response: {
      status: 404,
      headers: [
        ["X-A", "1"],
        ["x-a", "2"],
      ],
    },
  });
  expect(read("http.response.code", request)).toBe(404);
  expect(read("http.response.headers", request)).toEqual({ "x-a": ["1", "2"] });
  expect(read("raw.http.response.headers", request)).toEqual({ "x-a": ["1", "2"] });
  const typed = { status: 200, headers: [["Content-Type", "Text/HTML; charset=utf-8"]] } as const;
  expect(read("http.response.content_type.media_type", sampleRequest({ response: typed }))).toBe("text/html");
  expect(read("http.response.headers.names", request)).toEqual(["X-A", "x-a"]);
});
