import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { native } from "../../tests/support/native.ts";
import type { Shell } from "./testing/shell.ts";

const { API, KEYS, openShell } = native<typeof import("./testing/shell.ts")>("lab/folder/testing/shell.ts");

const ORDERS = "https://api.example.com/orders/1";
const FILE = "https://api.example.com/files/a.pdf";

describe("a lab with active keys", () => {
  let shell: Shell;
  const lab = (...args: readonly string[]) => shell.lab(...args);
  const request = async (...args: readonly string[]) => (await lab("request", "GET", ...args)).data;
  /** Status, verdict and the definition in the deciding rule's `ref`. */
  const verdict = async (...args: readonly string[]) => {
    const { status, verdict, decidedBy } = await request(...args);
    return [status, verdict, decidedBy?.description ?? null];
  };

  beforeAll(async () => {
    shell = openShell();
    const made = await lab("up", "--project", ".", "--seed", "7", "--pops", "AMS,SIN:30s");
    expect([made.code, made.data.ok, made.data.changes.create > 8]).toEqual([0, true, true]);
    await shell.settle(1);
  }, 120_000);
  afterAll(() => shell.remove());

  test("says who decides, and what reaches the origin", async () => {
    expect(await verdict(ORDERS)).toEqual([401, "blocked", expect.stringContaining("orders")]);
    expect(await verdict(ORDERS, "--token", "main")).toEqual([200, "origin", null]);
    expect(await verdict(ORDERS, "--token", "main", "--claims", '{"scope":"profile"}')).toEqual([
      403,
      "blocked",
      expect.stringContaining("orders"),
    ]);
    expect((await verdict("https://api.example.com/x/../orders/1"))[0]).toBe(400);
    expect((await verdict("https://elsewhere.org/"))[1]).toBe("unknownHost");
    const { signed, origin, decidedBy } = await request(
      `${ORDERS}?page=2`,
      "--token",
      "main",
      "--ip",
      "192.0.2.9",
    );
    expect(decidedBy).toBeNull();
    expect(signed).toMatchObject({
      ring: "main",
      key: "k1",
      claims: { iss: "https://auth.example.com/", aud: "api", sub: "lab", scope: "orders:read jobs" },
    });
    expect(signed.claims.exp - signed.claims.iat).toBe(900);
    expect(origin).toMatchObject({
      method: "GET",
      host: "api.example.com",
      path: "/orders/1",
      query: "page=2",
    });
    expect(origin.headers).toContainEqual(["cf-connecting-ip", "192.0.2.9"]);
    expect(origin.headers).toContainEqual(["authorization", "Bearer [masked]"]);
  });

  test("signs as if at another time, without a claim, and shows a token only when asked", async () => {
    expect((await verdict(ORDERS, "--token", "main", "--at", "-15m59s"))[0]).toBe(200);
    expect((await verdict(ORDERS, "--token", "main", "--at", "-16m"))[0]).toBe(401);
    expect((await verdict(ORDERS, "--token", "main", "--claims", '{"exp":null}'))[0]).toBe(401);
    expect((await verdict(FILE))[0]).toBe(403);
    expect((await verdict(FILE, "--link", "links"))[0]).toBe(200);
    expect((await verdict(FILE, "--link", "links", "--at", "-3h"))[0]).toBe(403);
    const shown = await request(ORDERS, "--token", "main", "--show-token");
    expect(shown.sent.headers).toEqual([["authorization", expect.stringMatching(/^Bearer eyJ/)]]);
    const own = ["--header", `authorization: ${shown.sent.headers[0][1]}`];
    expect((await verdict(ORDERS, ...own))[0]).toBe(200);
    expect((await verdict(ORDERS, ...own, ...own))[0]).toBe(400);
  });

  test("remembers counters from one command to the next", async () => {
    const url = "https://api.example.com/jobs/1";
    const statuses = [];
    for (let count = 0; count < 3; count += 1) statuses.push((await verdict(url, "--token", "main"))[0]);
    expect(statuses).toEqual([200, 200, 429]);
    await lab("clock", "+1m");
    expect((await verdict(url, "--token", "main"))[0]).toBe(200);
  });

  test("another checkout: preview shows the change, up deploys it, later commands go on from there", async () => {
    shell.write("other/keys.yaml", KEYS);
    shell.write("other/api.yaml", API.replace("scope: orders:read", "scope: orders:list"));
    const preview = await lab("preview", "--rules", "other");
    expect(preview.data.diff.join("\n")).toContain("orders:list");
    expect((await lab("preview")).data.diff).toEqual([]);
    expect((await lab("up", "--rules", "other")).code).toBe(0);
    await lab("clock", "+5m");
    expect((await verdict(ORDERS, "--token", "main", "--claims", '{"scope":"orders:read"}'))[0]).toBe(403);
    expect((await lab("preview")).data.diff).toEqual([]);
    expect((await lab("up", "--rules", "rules")).code).toBe(0);
    await lab("clock", "+5m");
  });

  test("points of presence learn late", async () => {
    shell.write("late/keys.yaml", KEYS);
    shell.write("late/api.yaml", API.replace("scope: orders:read", "scope: orders:list"));
    await lab("up", "--rules", "late");
    const old = ["--token", "main", "--claims", '{"scope":"orders:read"}'];
    expect([(await verdict(ORDERS, ...old))[0], (await verdict(ORDERS, ...old, "--pop", "SIN"))[0]]).toEqual([
      403, 200,
    ]);
    await lab("clock", "+30s");
    expect((await verdict(ORDERS, ...old, "--pop", "SIN"))[0]).toBe(403);
    await lab("up", "--rules", "rules");
    await lab("clock", "+30s");
  });

  test("somebody else writes, and no fault touches that", async () => {
    const path =
      "/zones/023e105f4ecef8ad9ca31a8372d0c353/rulesets/phases/http_request_firewall_custom/entrypoint";
    await lab("fault", "status", "--status", "503");
    const before = await lab("api", "GET", path);
    const { rules, id } = before.data.answer.result;
    expect(before.code).toBe(0);
    const skip = '{"action":"log","expression":"ssl","ref":"foreign"}';
    const rulesPath = `/zones/023e105f4ecef8ad9ca31a8372d0c353/rulesets/${id}/rules`;
    expect((await lab("api", "POST", rulesPath, skip)).code).toBe(0);
    expect((await lab("fault")).data.faults).toMatchObject([{ number: 1, kind: "status", seen: 0 }]);
    await lab("fault", "clear");
    const after = (await lab("api", "GET", path)).data.answer.result.rules;
    expect(after.length).toBe(rules.length + 1);
    const refused = await lab("api", "GET", "/zones/none/rulesets");
    expect([refused.code, refused.codes, refused.data.status]).toEqual([4, ["API_REFUSED"], 404]);
    expect((await lab("refresh")).code).toBe(0);
    expect((await lab("preview")).data.diff).toEqual([]);
  });

  test("faults meet the commands that ask the API, as often as they say", async () => {
    await lab("fault", "status", "--status", "429", "--retry-after", "7", "--method", "get", "--times", "2");
    const before = Date.parse((await lab("clock")).data.now);
    expect((await lab("rotate")).code).toBe(0);
    expect(Date.parse((await lab("clock")).data.now) - before).toBe(14_000);
    expect((await lab("fault", "list")).data.faults).toMatchObject([
      { kind: "status", method: "GET", times: 2, parts: { status: 429, retryAfter: 7 } },
    ]);
    expect((await lab("fault", "clear", "1")).data.faults).toEqual([]);
    await lab("fault", "forbidden");
    const refused = await lab("rotate");
    expect(refused.codes.length).toBe(1);
    expect(refused.code).not.toBe(0);
    await lab("fault", "clear");
  });

  test("an issuer that is stuck keeps the old key", async () => {
    const before = (await lab("issuer", "--stuck")).data.signs.main;
    await lab("rotate", "main", "--force");
    for (const step of ["+1h", "+1h", "+1d", "+1d"]) {
      await lab("rotate", "main");
      await lab("clock", step);
    }
    const state = (await lab("status")).data.rings.find((ring: { ring: string }) => ring.ring === "main");
    expect(state.keys.map((key: { state: string }) => key.state)).toEqual(["RETIRING", "ACTIVE"]);
    const stopped = await lab("rotate", "main");
    expect(JSON.stringify(stopped.data)).toContain("STILL_SIGNING_WITH_OLD_KEY");
    expect((await lab("issuer")).data.signs.main).toBe(before);
    const followed = await lab("issuer", "--follow");
    expect(followed.data.signs.main).not.toBe(before);
    expect((await verdict(ORDERS, "--token", "main", "--key", "k1"))[0]).toBe(200);
    await shell.settle(2);
    const end = (await lab("status")).data.rings.find((ring: { ring: string }) => ring.ring === "main");
    expect(end.keys.at(-1).state).toBe("ACTIVE");
    expect(end.keys[0].state).not.toBe("RETIRING");
    expect((await lab("request", "GET", ORDERS, "--token", "main", "--key", "k1")).codes).toEqual([
      "KEY_UNKNOWN",
    ]);
  }, 120_000);

  test("revoke waits in the lab's time", async () => {
    const key = (await lab("status")).data.rings[1].keys.at(-1).name;
    const revoked = await lab("revoke", "links", "--key", key, "--yes", "--reason", "leaked");
    expect([revoked.code, revoked.data.ok]).toEqual([0, true]);
  });

  test("no secret in what was printed or stored in plain", async () => {
    const secrets = JSON.stringify((await lab("outputs", "signers", "--show-secrets")).data).match(
      /(?<="k":")[^"]+/g,
    );
    expect(secrets?.length).toBeGreaterThan(1);
    const texts = [
      (await lab("outputs")).out,
      (await lab("up")).out,
      (await lab("preview", "--rules", "other")).out,
      (await lab("status")).out,
      readFileSync(join(shell.folder, ".keyturn-lab", "lab.json"), "utf8"),
      readFileSync(join(shell.folder, ".keyturn-lab", "stacks", "dev", "state.json"), "utf8"),
    ].join("\n");
    const forms = (secrets ?? []).flatMap((k) => [k, Buffer.from(k, "base64url").toString()]);
    expect(forms.filter((form) => texts.includes(form))).toEqual([]);
    for (const file of ["lab.json", "cloudflare.bin"])
      expect(statSync(join(shell.folder, ".keyturn-lab", file)).mode & 0o777).toBe(0o600);
  });
});

describe("the folder", () => {
  test("commands that need a lab say where there is none; a second process is told to wait", async () => {
    const shell = openShell();
    for (const line of [["status"], ["request", "GET", ORDERS], ["refresh"], ["destroy"], ["outputs"]]) {
      const { code, codes } = await shell.lab(...line);
      expect([line[0], code, codes]).toEqual([line[0], 6, ["LAB_NOT_FOUND"]]);
    }
    await shell.lab("clock", "--project", ".", "--seed", "3");
    const folder = join(shell.folder, ".keyturn-lab");
    writeFileSync(join(folder, "in-use"), String(process.pid));
    expect((await shell.lab("clock")).codes).toEqual(["LAB_BUSY"]);
    writeFileSync(join(folder, "in-use"), "4194305");
    expect((await shell.lab("clock")).code).toBe(0);
    expect(readdirSync(folder).sort()).toEqual(["cloudflare.bin", "lab.json", "stacks"]);
    expect(await shell.lab("up", "--seed", "4", "--pops", "2")).toMatchObject({
      code: 2,
      codes: ["INPUT_CONFLICT"],
    });
    writeFileSync(join(folder, "lab.json"), "{}");
    expect((await shell.lab("clock")).codes).toEqual(["LAB_UNREADABLE"]);
    shell.remove();
  });

  test("the clock goes forward only, and to times that are ones", async () => {
    const shell = openShell();
    const at = async (...args: readonly string[]) =>
      (await shell.lab("clock", ...args, "--project", ".")).data?.now;
    expect(await at()).toBe("2026-11-22T12:00:00.000Z");
    expect(await at("+1d2h30m")).toBe("2026-11-23T14:30:00.000Z");
    expect(await at("2026-12-01T00:00:00+01:00")).toBe("2026-11-30T23:00:00.000Z");
    for (const wrong of ["2026-11-30T22:00:00Z", "tomorrow", "2026-12-01", "+1", "1d"])
      expect([wrong, (await shell.lab("clock", wrong)).codes]).toEqual([wrong, ["INPUT_INVALID"]]);
    expect(await at()).toBe("2026-11-30T23:00:00.000Z");
    shell.remove();
  });

  test("broken definitions and settings are refused with their places, and nothing is deployed", async () => {
    const shell = openShell();
    shell.write(
      "rules/api.yaml",
      API.replace("mode:", "").replace("require: { scope: jobs }", "requires: {}"),
    );
    const refused = await shell.lab("up", "--project", ".");
    expect([refused.code, refused.out.includes("rules/api.yaml:")]).toEqual([2, true]);
    shell.write("Pulumi.dev.yaml", "config: { keyturn:mode: blok }\n");
    const settings = await shell.lab("up", "--project", ".");
    expect([settings.code, settings.out.includes("keyturn:mode")]).toEqual([2, true]);
    expect((await shell.lab("up", "--project", ".", "--stack", "prod")).codes).toEqual(["STACK_NOT_FOUND"]);
    shell.remove();
  });

  test("equal seeds and equal commands make equal labs", async () => {
    const run = async (seed: string) => {
      const shell = openShell();
      const seen = [(await shell.lab("up", "--project", ".", "--seed", seed)).data];
      await shell.lab("clock", "+1h");
      for (let turn = 0; turn < 2; turn += 1) seen.push((await shell.lab("rotate")).data);
      seen.push((await shell.lab("outputs", "--show-secrets")).data);
      seen.push((await shell.lab("request", "GET", ORDERS, "--token", "main")).data);
      shell.remove();
      return seen;
    };
    const [first, again, other] = [await run("5"), await run("5"), await run("6")];
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });
});
