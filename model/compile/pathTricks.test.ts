import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { loadDefinitions } from "../definition/load.ts";
import { PATH_TRICKS } from "../facts/pathTricks.ts";
import { CUSTOM_PHASE } from "../facts/phases.ts";
import { isContained, isMatched } from "./ambiguity.ts";
import { assumedRingStates, compile } from "./compile.ts";
import { enterprise } from "./testing/exampleRules.ts";
import { normalizations, proxies, servers } from "./testing/servers.ts";
import { holds, verdict } from "./testing/verdict.ts";
import type { DesiredState } from "./types.ts";

/*
 * What passes without a token must be, for every server and behind every proxy, what the definitions let pass. The
 * servers are small models with their sources (`testing/servers.ts`), each tried alone and behind each proxy.
 */

function compiled(more: object): DesiredState {
  const file = {
    keys: {
      shop: {
        algorithm: "ES256",
        tokens: { issuer: "a", audience: "b", lifetime: "15m" },
        rotation: { every: "90d" },
      },
    },
    host: "api.example.com",
    tokens: { ring: "shop", in: ["header authorization"] },
    rules: [
      { id: "orders", match: { path: "/orders/*" }, require: {} },
      { id: "users", match: { path: "/users/{id}" }, require: {} },
      { id: "reports", match: { path: "/{year}.json/v{n}" }, require: {} },
    ],
    ...more,
  };
  const { definitions } = loadDefinitions([{ path: "a.yaml", text: JSON.stringify(file) }], enterprise);
  const desired = compile(definitions, enterprise, assumedRingStates(definitions));
  expect(desired.problems).toEqual([]);
  return desired;
}

const open = compiled({});
const closed = compiled({
  otherwise: "deny",
  except: [
    { id: "assets", match: { path: "/assets/*" } },
    { id: "pictures", match: { path: "/pictures/{name}/small" } },
    { id: "icons", match: { path: "/icons/{name}.small" } },
    { id: "health", match: { path: "/health" } },
  ],
});

/** Every way in which the path may be read, with who reads it so. */
function readings(path: string): { by: string; path: string }[] {
  return proxies.flatMap((proxy) => {
    const sent = proxy.read(path);
    if (sent === undefined) return [];
    return servers.flatMap((server) => {
      const read = server.read(sent);
      return read === undefined ? [] : [{ by: `${proxy.name} > ${server.name}`, path: read }];
    });
  });
}

const guarded = (path: string) => /^\/(orders(\/.*)?|users\/[^/]+\/?|[^/]+\.json\/v[^/]+\/?)$/is.test(path);
const excepted = (path: string) =>
  /^\/(assets(\/.*)?|pictures\/[^/]+\/small|icons\/[^/]+\.small|health)$/s.test(path);
const passes = (
  desired: DesiredState,
  path: string,
  type: keyof typeof normalizations,
  urlDecodeInvalid: "kept" | "missing" = "kept",
) =>
  verdict(desired, { path, normalized: normalizations[type](path), choices: { urlDecodeInvalid } }) ===
  "passes";

const types = ["none", "rfc3986", "cloudflare"] as const;

describe("every row of the table", () => {
  test.each(PATH_TRICKS.map((row) => [row.text, row] as const))("%s", (_text, row) => {
    const { sample } = row;
    // Some server serves what is guarded, and a guard alone would not see it.
    const plain = decodeURIComponent(
      sample.replaceAll(/%(?![0-9a-f]{2})/gi, "%25").replaceAll(/%[89a-f]./g, ""),
    );
    expect(readings(sample).filter((each) => guarded(each.path))).not.toEqual([]);
    expect(guarded(plain)).toBe(false);
    const finding = PATH_TRICKS.filter(({ view, ...each }) => {
      const text =
        view === "sent" ? "lower(raw.http.request.uri.path)" : "url_decode(raw.http.request.uri.path)";
      const answers = [isMatched(text, [{ view, ...each }]), isContained([text], { view, ...each })].map(
        (expression) => holds(expression, { path: sample }),
      );
      expect(answers[0]).toBe(answers[1]);
      return answers[0];
    });
    expect(finding).toEqual([row]);
    for (const type of types) {
      expect(verdict(open, { path: sample, normalized: normalizations[type](sample) })).toBe(
        "400 api.example.com/ambiguous",
      );
    }
  });

  test("bytes that no path consists of are refused, too", () => {
    for (const path of ["/\xc0\xae/orders/1", "/orders\t/1", "/orders /1", "/caf\xc3\xa9"]) {
      expect(verdict(open, { path })).toBe("400 api.example.com/ambiguous");
    }
  });
});

test("where servers read a path in one way, it is not refused as ambiguous", () => {
  for (const path of ["/a%20b", "/caf%C3%A9/%E6%97%A5", "/a+b", "/x;"]
    .slice(0, 3)
    .concat("/[id]/{x}|y", "/...a/..b")) {
    for (const type of types) expect([path, passes(open, path, type)]).toEqual([path, true]);
  }
});

test("truncated headers may hide a token or another path: such a request passes nowhere, not by an exception either", () => {
  for (const [desired, path] of [
    [open, "/elsewhere"],
    [open, "/orders/1"],
    [closed, "/health"],
    [closed, "/assets/a"],
  ] as const) {
    expect(verdict(desired, { path, headersTruncated: true })).toBe("400 api.example.com/ambiguous");
  }
});

describe("an exception leads nowhere else", () => {
  test.each([
    "/assets/..%3b/orders/1",
    "/assets/..;/orders/1",
    "/assets/..%3f/orders/1",
    "/assets/..%23/orders/1",
    "/assets/%e0%80%ae%e0%80%ae/orders/1",
    "/assets/%c0%ae%c0%ae/orders/1",
    "/assets/..%ef%bc%8forders/1",
    "/assets/%ef%bc%8e%ef%bc%8e/orders/1",
    "/assets/..%5corders/1",
    "/assets/..\\orders/1",
    "/assets/%u002e%u002e/orders/1",
    "/assets/%252e%252e/orders/1",
    "/assets/%zz/../orders/1",
    "/assets/../orders/1",
    "/assets/..",
    "/pictures/../small",
    "/pictures/./small",
    "/pictures/..;/small",
    "/assets/x%20y",
    "/icons/../x.small",
    "/icons/..%2fx.small",
    "/icons/x%2esmall",
    "/icons/.small",
  ])("%s", (path) => {
    for (const type of types) {
      expect(passes(closed, path, type)).toBe(false);
      // And not only because of the rule before: the exception itself does not match.
      const rules =
        closed.zones[0]?.rules[CUSTOM_PHASE].filter((rule) => !rule.ref.endsWith("/ambiguous")) ?? [];
      const request = { path, normalized: normalizations[type](path) };
      expect(rules.some((rule) => holds(rule.expression, request))).toBe(true);
    }
  });

  test("plain paths pass", () => {
    for (const path of [
      "/assets",
      "/assets/",
      "/assets/a.b/C-d_e~f!$&'()*+,=:@",
      "/pictures/x/small",
      "/icons/x.small",
      "/health",
    ]) {
      for (const type of types) expect([path, passes(closed, path, type)]).toEqual([path, true]);
    }
  });
});

const piece = fc.constantFrom(
  ...[
    "/",
    "/",
    "/",
    "assets",
    "orders",
    "users",
    "pictures",
    "small",
    ".small",
    ".json/v",
    "Orders",
    "a",
    ".",
    "..",
    "/../",
    "/./",
  ],
  ...[
    "%2e",
    "%2E%2e",
    "%2f",
    "%5c",
    "\\",
    ";",
    "%3b",
    ";x",
    "%3B/",
    "%3f",
    "%23",
    "#",
    "%25",
    "%252e",
    "%252f",
  ],
  ...[
    "%u002e",
    "%u002f",
    "%c0%ae",
    "%C0%AF",
    "%e0%80%ae",
    "%f0%80%80%af",
    "%f8%80%80%80%af",
    "%ef%bc%8f",
    "%ef%bc%9b",
    "%ef%bc%9f",
    "%ef%bc%83",
    "%ef%bc%85",
  ],
  ...[
    "%ef%bc%8e",
    "%ef%bc%bc",
    "%e2%80%a5",
    "%e2%80%a4",
    "%00",
    "%0a",
    "%09",
    "%1f",
    "%7f",
    "%zz",
    "%",
    "%4",
  ],
  ...[
    "+",
    "%20",
    " ",
    "\t",
    "\xc0\xae",
    "%6f",
    "%6Frders",
    "/assets/",
    "/orders/",
    "/users/",
    "//",
    "%c3%a9",
  ],
);
const path = fc
  .tuple(
    fc.constantFrom("/", "/assets/", "/orders", "/users/", "/pictures/", "/icons/", "/a.json/v"),
    fc.array(piece, { maxLength: 6 }),
  )
  .map(([start, pieces]) => start + pieces.join(""));

test("what passes is what the definitions let pass, whoever reads it and however the zone normalizes", () => {
  let [passed, refused, alsoRead] = [0, 0, 0];
  fc.assert(
    fc.property(
      path,
      fc.constantFrom(...types),
      fc.constantFrom("kept", "missing"),
      (sent, type, invalid) => {
        const read = readings(sent);
        if (passes(open, sent, type, invalid)) {
          passed += 1;
          expect([sent, read.filter((each) => guarded(each.path))]).toEqual([sent, []]);
        } else refused += 1;
        if (passes(closed, sent, type, invalid)) {
          alsoRead += 1;
          expect([sent, read.filter((each) => !excepted(each.path))]).toEqual([sent, []]);
        }
      },
    ),
    { numRuns: 6000 },
  );
  expect(Math.min(passed, refused, alsoRead)).toBeGreaterThan(60);
});
