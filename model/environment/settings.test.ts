import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { readSettings, SETTING_NAMES, SettingsError } from "./settings.ts";
import { readStackFile } from "./stackFile.ts";
import { readVariables } from "./variables.ts";

const ID = "0123456789abcdef0123456789abcdef";
const zone = { id: ID, name: "example.com", plan: "enterprise" };
const least = { "keyturn:accountId": ID, "keyturn:zones": [zone] };

/** `path: message (hint)` of every misfit. */
function misfits(config: Record<string, unknown>): string[] {
  try {
    readSettings(config, "dev");
    return [];
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    return error.problems.map(({ path, message, hint }) => `${path.join("/")}: ${message} (${hint})`);
  }
}

describe("readSettings", () => {
  test("fills in what may be left out, and passes other packages' settings over", () => {
    expect(readSettings({ ...least, "cloudflare:apiToken": "x", "aws:region": "y" }, "dev")).toEqual({
      environment: { stack: "dev", zones: [zone], hosts: {}, mode: "block" },
      accountId: ID,
      samples: {},
      deletable: false,
      changesAtMost: { amount: 50, unit: "endpoints" },
    });
  });

  test("reads the engine's texts as it reads YAML", () => {
    const yaml = {
      ...least,
      "keyturn:hosts": { "api.example.com": "api.test.example.com", "*.example.com": "*.test.example.com" },
      "keyturn:mode": "log",
      "keyturn:samples": { shop: "https://auth.example.com/sample", staff: { url: "https://a.example/" } },
      "keyturn:deletable": true,
      "keyturn:changesAtMost": "10%",
      "keyturn:secretsStoreId": ID,
    };
    const texts = Object.entries(yaml).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]);
    expect(readSettings(Object.fromEntries(texts), "dev")).toEqual(readSettings(yaml, "dev"));
  });

  test("rings of a stack have their own issuers, one or several", () => {
    const rings = {
      staff: { issuer: "https://a.example/", audience: ["a", "b"], jwks: "https://a.example/set" },
    };
    expect(readSettings({ ...least, "keyturn:rings": rings }, "dev").environment.rings).toEqual({
      staff: { issuer: ["https://a.example/"], audience: ["a", "b"], jwks: "https://a.example/set" },
    });
  });

  test("an address of samples is a URL, or a map that says more", () => {
    const headers = { authorization: { env: "SAMPLE", prefix: "Bearer " }, "x-tenant": "a" };
    const more = { url: "https://a.example/", method: "POST", headers, body: "a=b", member: "/a" };
    const samples = { a: "https://a.example/s", b: more };
    expect(readSettings({ ...least, "keyturn:samples": samples }, "dev").samples).toEqual({
      a: { url: "https://a.example/s", method: "GET", headers: {} },
      b: more,
    });
  });

  test("an account of digits alone stays a text", () => {
    const digits = "12345678901234567890123456789012";
    expect(readSettings({ ...least, "keyturn:accountId": digits }, "dev").accountId).toBe(digits);
    expect(misfits({ ...least, "keyturn:accountId": Number(digits) })).toEqual([
      "keyturn:accountId: keyturn:accountId does not fit (expected the account's id, 32 hexadecimal digits in quotes)",
    ]);
  });

  test.each<[string, Record<string, unknown>, string[]]>([
    [
      "a mode that does not exist",
      { "keyturn:mode": "blok" },
      ["keyturn:mode: keyturn:mode does not fit (expected off, log, challenge or block)"],
    ],
    [
      "a misspelt setting",
      { "keyturn:modus": "log", "keyturn:zzz": 1 },
      [
        "keyturn:modus: keyturn:modus is not a setting (did you mean keyturn:mode?)",
        "keyturn:zzz: keyturn:zzz is not a setting (known here: accountId, zones, hosts, rings, mode, secretsStoreId, samples, deletable, changesAtMost)",
      ],
    ],
    [
      "zones that are no list",
      { "keyturn:zones": "example.com" },
      ["keyturn:zones: keyturn:zones does not fit (expected a list)"],
    ],
    [
      "every misfit of a zone at once",
      {
        "keyturn:zones": [
          {
            id: "X",
            name: "Example.com",
            plan: "gold",
            addOns: ["api-shield"],
            limits: { customRule: 1 },
            mode: "log",
          },
        ],
      },
      [
        "keyturn:zones/0/id: keyturn:zones[0].id does not fit (expected the zone's id, 32 hexadecimal digits in lower case)",
        "keyturn:zones/0/name: keyturn:zones[0].name does not fit (expected a host name in lower case, such as api.example.com)",
        "keyturn:zones/0/plan: keyturn:zones[0].plan does not fit (expected free, pro, business or enterprise)",
        "keyturn:zones/0/addOns/0: keyturn:zones[0].addOns[0] does not fit (expected api_shield, advanced_rate_limiting, bot_management or content_scanning)",
        "keyturn:zones/0/limits/customRule: customRule is not a member of keyturn:zones[0].limits (did you mean customRules?)",
        "keyturn:zones/0/mode: mode is not a member of keyturn:zones[0] (known here: id, name, plan, addOns, limits)",
      ],
    ],
    [
      "a zone that stands twice",
      { "keyturn:zones": [zone, { ...zone, plan: "free" }] },
      [
        "keyturn:zones/1/id: keyturn:zones[1].id does not fit (expected another id than that of zone 1)",
        "keyturn:zones/1/name: keyturn:zones[1].name does not fit (expected another name than that of zone 1)",
      ],
    ],
    [
      "a limit that is no number",
      { "keyturn:zones": [{ ...zone, limits: { customRules: "5" } }] },
      [
        "keyturn:zones/0/limits/customRules: keyturn:zones[0].limits.customRules does not fit (expected a whole number)",
      ],
    ],
    [
      "hosts that are none",
      { "keyturn:hosts": { "API.example.com": "x.example.com", "a.example.com": 1, "b.example.com": "*" } },
      [
        "keyturn:hosts/API.example.com: keyturn:hosts.API.example.com does not fit (expected a host name in lower case, such as api.example.com)",
        "keyturn:hosts/a.example.com: keyturn:hosts.a.example.com does not fit (expected a host name)",
        "keyturn:hosts/b.example.com: keyturn:hosts.b.example.com does not fit (expected a host name in lower case, such as api.example.com)",
      ],
    ],
    [
      "what no ring can have",
      {
        "keyturn:rings": {
          staff: { issuer: ["a b", "c"], audience: ["x", "x"], jwks: "http://a.example/", lifetime: "1h" },
          shop: { audience: "keyturn-canary", issuer: [] },
        },
      },
      [
        "keyturn:rings/staff/issuer/0: keyturn:rings.staff.issuer[0] does not fit (expected up to 200 printable ASCII characters without blanks, quotes and \\)",
        "keyturn:rings/staff/audience: keyturn:rings.staff.audience does not fit (expected each once)",
        "keyturn:rings/staff/jwks: keyturn:rings.staff.jwks does not fit (expected the https address of a JWKS)",
        "keyturn:rings/staff/lifetime: lifetime is not a member of keyturn:rings.staff (known here: issuer, audience, jwks)",
        "keyturn:rings/shop/issuer/0: keyturn:rings.shop.issuer[0] is missing (expected a text)",
        "keyturn:rings/shop/audience/0: keyturn:rings.shop.audience[0] does not fit (expected another than keyturn-canary)",
      ],
    ],
    [
      "a word for true",
      { "keyturn:deletable": "yes" },
      ["keyturn:deletable: keyturn:deletable does not fit (expected true or false)"],
    ],
    [
      "addresses of samples that are none, or that hold a secret",
      {
        "keyturn:samples": {
          a: "auth.example.com",
          b: "file:///etc/passwd",
          c: "https://me:word@auth.example.com/",
          d: { method: "PUT" },
          e: { url: "https://a.example/", header: {}, headers: { authorization: { env: "A", secret: "b" } } },
        },
      },
      [
        "keyturn:samples/a/url: keyturn:samples.a.url does not fit (expected an http or https URL)",
        "keyturn:samples/b/url: keyturn:samples.b.url does not fit (expected an http or https URL)",
        "keyturn:samples/c/url: keyturn:samples.c.url does not fit (expected a URL without user and password: whoever reads this file sees them; use a header)",
        "keyturn:samples/d/url: keyturn:samples.d.url is missing (expected an http or https URL)",
        "keyturn:samples/d/method: keyturn:samples.d.method does not fit (expected GET or POST)",
        'keyturn:samples/e/headers/authorization: keyturn:samples.e.headers.authorization does not fit (expected a text, { env: NAME } or { secret: NAME }, the last two with a prefix such as "Bearer ")',
        "keyturn:samples/e/header: header is not a member of keyturn:samples.e (did you mean headers?)",
      ],
    ],
    [
      "a store's id that is none",
      { "keyturn:secretsStoreId": "store" },
      [
        "keyturn:secretsStoreId: keyturn:secretsStoreId does not fit (expected the Secrets Store's id, 32 hexadecimal digits in lower case)",
      ],
    ],
  ])("refuses %s", (_what, config, expected) => {
    expect(misfits({ ...least, ...config })).toEqual(expected);
  });

  test("says what is missing", () => {
    expect(misfits({})).toEqual([
      "keyturn:accountId: keyturn:accountId is missing (expected the account's id, 32 hexadecimal digits in quotes)",
      "keyturn:zones: keyturn:zones is missing (expected a list)",
    ]);
  });
});

test("Pulumi.yaml declares the same settings with the same defaults", () => {
  const file = fileURLToPath(new URL("../../Pulumi.yaml", import.meta.url));
  const { config } = parse(readFileSync(file, "utf8")) as { config: Record<string, { default?: unknown }> };
  expect(Object.keys(config).sort()).toEqual(SETTING_NAMES.map((name) => `keyturn:${name}`).sort());
  const defaults = Object.entries(config).flatMap(([name, row]) =>
    row.default === undefined ? [] : [[name, row.default] as const],
  );
  expect(readSettings({ ...least, ...Object.fromEntries(defaults) }, "dev")).toEqual(
    readSettings(least, "dev"),
  );
});

describe("readStackFile", () => {
  test("gives each misfit its place", () => {
    const text = `config:\n  keyturn:accountId: ${ID}\n  keyturn:zones:\n    - { id: ${ID}, name: example.com, plan: gold }\n  keyturn:mode: blok\n`;
    expect(readStackFile("Pulumi.dev.yaml", text, "dev").problems).toEqual([
      {
        code: "SETTING_INVALID",
        file: "Pulumi.dev.yaml",
        line: 4,
        column: 66,
        message: "keyturn:zones[0].plan does not fit",
        hint: "expected free, pro, business or enterprise",
        severity: "error",
      },
      {
        code: "SETTING_INVALID",
        file: "Pulumi.dev.yaml",
        line: 5,
        column: 3,
        message: "keyturn:mode does not fit",
        hint: "expected off, log, challenge or block",
        severity: "error",
      },
    ]);
  });

  test("says where a file is no YAML", () => {
    expect(readStackFile("Pulumi.dev.yaml", "config: [\n", "dev")).toMatchObject({
      settings: undefined,
      problems: [{ code: "YAML_SYNTAX", line: 2, column: 1 }],
    });
  });
});

describe("readVariables", () => {
  test("takes its own, empty as unset, and leaves others alone", () => {
    expect(readVariables({ KEYTURN_ADVANCE: "", KEYTURN_RULES: "/x", PATH: "/bin" })).toEqual({
      advance: undefined,
      rules: "/x",
    });
  });

  test("refuses a name that would be passed over", () => {
    expect(() => readVariables({ KEYTURN_RULE: "/x", KEYTURN_SOMETHING: "1" })).toThrow(
      "VARIABLE_UNKNOWN: the environment sets KEYTURN_RULE, which keyturn does not know\n    did you mean KEYTURN_RULES?\nVARIABLE_UNKNOWN: the environment sets KEYTURN_SOMETHING, which keyturn does not know\n    known: KEYTURN_ADVANCE, KEYTURN_RULES",
    );
  });
});
