import { afterAll, describe, expect, test, vi } from "vitest";
import { native } from "../support/native.ts";

const { openWorld } = native<typeof import("../support/world.ts")>("tests/support/world.ts");
const { listenToRotation, Channels } =
  native<typeof import("../support/channels.ts")>("tests/support/channels.ts");
const { formsOf, scan } = native<typeof import("../support/scanner.ts")>("tests/support/scanner.ts");
const { checkout } = native<typeof import("../support/checkouts.ts")>("tests/support/checkouts.ts");
const { programCopy } = native<typeof import("../support/programCopy.ts")>("tests/support/programCopy.ts");
const { withActiveKey, revokeFirst } = native<typeof import("../support/revokeWalk.ts")>(
  "tests/support/revokeWalk.ts",
);
const { atStage } = native<typeof import("../support/stages.ts")>("tests/support/stages.ts");
const { rotate } = native<typeof import("../../scripts/rotate/rotate.ts")>("scripts/rotate/rotate.ts");
const { LOCAL_API_TOKEN } = native<typeof import("../../lab/local/cloudflare.ts")>("lab/local/cloudflare.ts");
const { removeTemporaryFolders } = native<typeof import("../support/temporary.ts")>(
  "tests/support/temporary.ts",
);

vi.setConfig({ testTimeout: 120_000 });
afterAll(removeTemporaryFolders);

type Local = NonNullable<Parameters<typeof openWorld>[0]["local"]>;

const API_TOKEN = { what: "the API token", bytes: Buffer.from(LOCAL_API_TOKEN) };

/** An API that refuses each write to `path` and quotes the body in its error, as Cloudflare quotes expressions. */
function quoting(path: string): NonNullable<Local["fetch"]> {
  return (edge) => async (input, init) => {
    if (init?.method !== "PUT" || !String(input).includes(path)) return edge.fetch(input as string, init);
    const body = String(init.body);
    const quoted = [...body.matchAll(/"(?:expression|k)":"((?:[^"\\]|\\.)*)"/g)].map((match) =>
      JSON.parse(`"${match[1]}"`),
    );
    const message = `could not parse ${quoted.join(" and ")} (${body})`;
    const errors = [{ code: 20127, message }];
    return Response.json({ success: false, errors, messages: [], result: null }, { status: 400 });
  };
}

/** What a move says when the API quotes what it was sent. */
async function quotedAt(kind: "symmetric" | "links", local: Local) {
  const world = await atStage(kind, "publish k2", { local });
  const channels = new Channels();
  await channels.read(world);
  const result = await channels.printed(() => rotate(world.rotation));
  channels.add("results of rotate", result);
  channels.add("errors", result.rings[0]?.run?.diagnostics.join("\n") ?? "");
  await channels.read(world);
  return channels;
}

describe("no key material outside encrypted values", () => {
  test("in a rotation of the example's three rings", async () => {
    const channels = await listenToRotation(await openWorld({ kind: "example" }), 26);
    const texts = channels.texts();
    expect(scan(texts, [...channels.materials(), API_TOKEN])).toEqual([]);
    // Six keys: two of each ring; each in at least two spellings.
    expect(channels.materials().length).toBeGreaterThanOrEqual(12);
    expect(Object.keys(texts).sort()).toEqual([
      "diff",
      "jwks",
      "ledger",
      "outputs that are not secret",
      "reports",
      "resources as commands see them",
      "results of rotate",
      "run results",
      "security events",
      "state as stored",
    ]);
    expect(Object.entries(texts).filter(([, text]) => text.length < 100)).toEqual([]);
  });

  test("of RSA keys, with all their private members", async () => {
    const rules = checkout("asymmetric", (text) => text.replace("ES256", "RS256"));
    const channels = await listenToRotation(await openWorld({ kind: "asymmetric", local: { rules } }), 3);
    expect(new Set(channels.materials().map(({ what }) => what.split(" ")[0]))).toEqual(
      new Set(["d", "p", "q", "dp", "dq", "qi"]),
    );
    expect(scan(channels.texts(), channels.materials())).toEqual([]);
  });

  test.each(["symmetric", "links"] as const)("in a revocation (%s)", async (kind) => {
    const { world } = await withActiveKey(kind);
    const channels = new Channels();
    await channels.read(world);
    channels.add("results of revoke", await channels.printed(() => revokeFirst(world)));
    await channels.read(world);
    expect(scan(channels.texts(), channels.materials())).toEqual([]);
    expect(channels.materials().length).toBeGreaterThanOrEqual(4);
  });

  test.each([
    ["links", "entrypoint"],
    ["symmetric", "credentials"],
  ] as const)("when the API quotes what it was sent (%s)", async (kind, path) => {
    const channels = await quotedAt(kind, { fetch: quoting(path) });
    const { errors } = channels.texts();
    expect(errors).toMatch(/API_REFUSED: PUT .*could not parse .*\[secret\]/);
    expect(scan(channels.texts(), [...channels.materials(), API_TOKEN])).toEqual([]);
  });
});

describe("a leak is found", () => {
  test("in each channel and each spelling", async () => {
    const channels = await quotedAt("links", {});
    const texts = { ...channels.texts(), log: "a line", "results of revoke": "{}" };
    const materials = channels.materials();
    expect(scan(texts, materials)).toEqual([]);
    for (const [channel, text] of Object.entries(texts)) {
      for (const { what, bytes } of materials) {
        for (const [form, written] of formsOf(bytes)) {
          const planted = { ...texts, [channel]: `${text.slice(0, 40)}${written}${text.slice(40)}` };
          expect(scan(planted, materials)).toContainEqual({ channel, what, form });
        }
      }
    }
  });

  test("inside a longer text that is encoded whole", () => {
    const bytes = Buffer.from("a secret of 32 characters, really");
    for (const offset of [0, 1, 2, 3]) {
      const text = Buffer.concat([Buffer.alloc(offset, 65), bytes, Buffer.from("and more")]);
      for (const encoding of ["base64", "base64url", "hex"] as const) {
        expect(scan({ log: text.toString(encoding) }, [{ what: "it", bytes }]).length).toBeGreaterThan(0);
      }
    }
  });

  test("when the program exports the issuers' keys in plain", async () => {
    const program = programCopy("infra/stackOutputs.ts", (text) =>
      text.replace("pulumi.secret(known)", "pulumi.unsecret(pulumi.output(known))"),
    );
    const world = await openWorld({ kind: "symmetric", local: { program } });
    await world.local.runner.up();
    const channels = new Channels();
    await channels.read(world);
    expect(new Set(scan(channels.texts(), channels.materials()).map(({ channel }) => channel))).toEqual(
      new Set(["state as stored"]),
    );
  });

  test("when the provider does not mask the API's errors", async () => {
    const program = programCopy("infra/providers/cloudflareApi.ts", (text) =>
      text.replace('let masked = "";', 'if (text !== "") return text;\n  let masked = "";'),
    );
    for (const [kind, path] of [
      ["links", "entrypoint"],
      ["symmetric", "credentials"],
    ] as const) {
      const channels = await quotedAt(kind, { program, fetch: quoting(path) });
      const found = new Set(scan(channels.texts(), channels.materials()).map(({ channel }) => channel));
      expect(found).toEqual(new Set(["errors", "results of rotate"]));
    }
  });
});
