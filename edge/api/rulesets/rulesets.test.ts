import { describe, expect, test } from "vitest";
import type { Ruleset } from "../../world/types.ts";
import { createTestApi, given, zoneId } from "../testing.ts";

const path = `/zones/${zoneId}/rulesets`;
const custom = "http_request_firewall_custom";
const entry = `${path}/phases/${custom}/entrypoint`;

const block = (ref: string, expression = 'http.host eq "a.example.com"') => ({
  action: "block",
  expression,
  description: ref,
  enabled: true,
  ref,
});

describe("the SDK drives rulesets", () => {
  test("create, get, list, update, delete", async () => {
    const { client, world, advance } = createTestApi();
    const created = given<Ruleset>(
      await client.rulesets.create(
        given({
          zone_id: zoneId,
          kind: "zone",
          name: "default",
          phase: custom,
          rules: [block("one")],
        }),
      ),
    );
    const id = created.id;
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      name: "default",
      description: "",
      kind: "zone",
      phase: custom,
      version: "1",
      last_updated: "2026-11-22T12:00:00.000000Z",
      rules: [
        {
          id: expect.stringMatching(/^[0-9a-f]{32}$/),
          version: "1",
          last_updated: "2026-11-22T12:00:00.000000Z",
          ...block("one"),
        },
      ],
    });
    expect(await client.rulesets.get(id, { zone_id: zoneId })).toEqual(created);
    const listed: unknown[] = [];
    for await (const each of client.rulesets.list({ zone_id: zoneId })) listed.push(each);
    const { rules: _rules, ...withoutRules } = created;
    expect(listed).toEqual([withoutRules]);
    advance(1_000);
    const updated = given<Ruleset>(
      await client.rulesets.update(
        id,
        given({
          zone_id: zoneId,
          description: "two rules",
          rules: [block("two"), block("one")],
        }),
      ),
    );
    expect(updated.version).toBe("2");
    expect(updated.last_updated).toBe("2026-11-22T12:00:01.000000Z");
    expect(updated.description).toBe("two rules");
    expect(updated.rules[1]).toEqual(created.rules[0]);
    expect(world.zone(zoneId).rulesets).toEqual([updated]);
    await client.rulesets.delete(id, { zone_id: zoneId });
    await expect(client.rulesets.get(id, { zone_id: zoneId })).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10007, message: "ruleset not found" }],
    });
  });

  test("a list is paged by cursor and ends", async () => {
    const { client, send } = createTestApi();
    const phases = [custom, "http_ratelimit", "http_request_transform"];
    for (const phase of phases) await send("PUT", `${path}/phases/${phase}/entrypoint`, {});
    const found: unknown[] = [];
    for await (const each of client.rulesets.list({ zone_id: zoneId, per_page: 2 })) found.push(each.phase);
    expect(found).toEqual(phases);
    const last = await send("GET", `${path}?per_page=2&cursor=c2`);
    expect(last.json.result_info).toEqual({ count: 1 });
    expect((await send("GET", `${path}?cursor=nonsense`)).json.errors).toEqual([
      { code: 10015, message: "query parameter cursor: unknown cursor" },
    ]);
  });

  test("entry points and their versions", async () => {
    const { client } = createTestApi();
    const scope = { zone_id: zoneId };
    await expect(client.rulesets.phases.get(custom, scope)).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10003, message: `could not find entrypoint ruleset in the ${custom} phase` }],
    });
    const first = given<Ruleset>(
      await client.rulesets.phases.update(custom, given({ ...scope, rules: [block("one")] })),
    );
    const second = given<Ruleset>(
      await client.rulesets.phases.update(custom, given({ ...scope, rules: [block("two")] })),
    );
    expect([first.version, second.version]).toEqual(["1", "2"]);
    expect(second.id).toBe(first.id);
    expect(await client.rulesets.phases.get(custom, scope)).toEqual(second);
    const versions: unknown[] = [];
    for await (const each of client.rulesets.phases.versions.list(custom, scope)) versions.push(each);
    expect(versions).toEqual([
      { ...first, rules: undefined },
      { ...second, rules: undefined },
    ]);
    expect(await client.rulesets.phases.versions.get("1", { ...scope, ruleset_phase: custom })).toEqual(
      first,
    );
    expect(await client.rulesets.versions.get("1", { ...scope, ruleset_id: first.id })).toEqual(first);
    const again: unknown[] = [];
    for await (const each of client.rulesets.versions.list(first.id, scope)) again.push(each.version);
    expect(again).toEqual(["1", "2"]);
    await client.rulesets.versions.delete("1", { ...scope, ruleset_id: first.id });
    await expect(client.rulesets.versions.get("1", { ...scope, ruleset_id: first.id })).rejects.toMatchObject(
      {
        status: 404,
      },
    );
    await expect(
      client.rulesets.versions.delete("2", { ...scope, ruleset_id: first.id }),
    ).rejects.toMatchObject({
      status: 400,
      errors: [{ code: 20123, message: "version 2 is in use and cannot be deleted" }],
    });
  });

  test("single rules: every call answers the whole ruleset in a new version", async () => {
    const { client } = createTestApi();
    const scope = { zone_id: zoneId };
    const { id } = given<Ruleset>(
      await client.rulesets.phases.update(custom, given({ ...scope, rules: [block("one")] })),
    );
    const added = given<Ruleset>(
      await client.rulesets.rules.create(id, given({ ...scope, ...block("two") })),
    );
    expect(added.version).toBe("2");
    expect(added.rules.map((each) => each.ref)).toEqual(["one", "two"]);
    const two = added.rules[1]?.id ?? "";
    const moved = given<Ruleset>(
      await client.rulesets.rules.edit(
        two,
        given({
          ...scope,
          ruleset_id: id,
          position: { before: "" },
        }),
      ),
    );
    expect(moved.version).toBe("3");
    expect(moved.rules.map(({ ref, version }) => ({ ref, version }))).toEqual([
      { ref: "two", version: "1" },
      { ref: "one", version: "1" },
    ]);
    const redefined = given<Ruleset>(
      await client.rulesets.rules.edit(
        two,
        given({
          ...scope,
          ruleset_id: id,
          action: "log",
          expression: "ssl",
        }),
      ),
    );
    expect(redefined.rules[0]).toEqual({
      id: two,
      version: "2",
      ref: two,
      action: "log",
      expression: "ssl",
      enabled: true,
      last_updated: "2026-11-22T12:00:00.000000Z",
    });
    const deleted = given<Ruleset>(await client.rulesets.rules.delete(two, { ...scope, ruleset_id: id }));
    expect(deleted.version).toBe("5");
    expect(deleted.rules.map((each) => each.ref)).toEqual(["one"]);
    await expect(client.rulesets.rules.delete(two, { ...scope, ruleset_id: id })).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10007, message: "rule not found" }],
    });
  });
});

describe("writes", () => {
  test("PUT without rules keeps them", async () => {
    const { send } = createTestApi();
    await send("PUT", entry, { rules: [block("one")] });
    const answer = await send("PUT", entry, { description: "d" });
    expect(answer.json.result.rules.length).toBe(1);
    expect(answer.json.result.description).toBe("d");
  });

  test("name, kind and phase are immutable", async () => {
    const { send } = createTestApi();
    const { id } = (await send("PUT", entry, { name: "default" })).json.result;
    const answer = await send("PUT", `${path}/${id}`, {
      name: "other",
      kind: "root",
      phase: "http_ratelimit",
    });
    expect(answer.json.errors.map((each: { message: string }) => each.message)).toEqual([
      "'other' is not a valid value for name because it is immutable",
      "'root' is not a valid value for kind because it is immutable",
      "'http_ratelimit' is not a valid value for phase because it is immutable",
    ]);
    const same = await send("PUT", `${path}/${id}`, { name: "default", kind: "zone", phase: custom });
    expect(same.status).toBe(200);
  });

  test("a second entry point of a phase answers 20217", async () => {
    const { send } = createTestApi();
    const body = { kind: "zone", name: "rl", phase: "http_ratelimit" };
    expect((await send("POST", path, body)).status).toBe(200);
    const second = await send("POST", path, body);
    expect(second.status).toBe(400);
    expect(second.json.errors).toEqual([
      {
        code: 20217,
        message:
          "'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase http_ratelimit",
        source: { pointer: "/kind" },
      },
    ]);
  });

  test.each([
    ["POST", "", { kind: "zone", name: "n", phase: custom, rules: [block("one")] }],
    ["PUT", `/phases/${custom}/entrypoint`, { rules: [block("one")] }],
  ])("%s%s with dry_run validates and stores nothing", async (method, suffix, body) => {
    const { send, world } = createTestApi();
    const dry = await send(method, `${path}${suffix}?dry_run=true`, body);
    expect(dry.json).toEqual({ result: null, success: true, errors: [], messages: [] });
    expect(world.zone(zoneId).rulesets).toEqual([]);
    const bad = { ...body, rules: [block("one", "nonsense")] };
    expect((await send(method, `${path}${suffix}?dry_run=true`, bad)).status).toBe(400);
  });

  test("dry_run of changes and deletes", async () => {
    const { send, world } = createTestApi();
    const { id, rules } = (await send("PUT", entry, { rules: [block("one")] })).json.result;
    const before = world.zone(zoneId).rulesets;
    const rule = `${path}/${id}/rules/${rules[0].id}`;
    expect((await send("POST", `${path}/${id}/rules?dry_run=true`, block("two"))).json.result).toBeNull();
    expect((await send("PATCH", `${rule}?dry_run=true`, block("one", "ssl"))).json.result).toBeNull();
    expect((await send("DELETE", `${rule}?dry_run=true`)).json.result).toBeNull();
    expect((await send("DELETE", `${path}/${id}?dry_run=true`)).status).toBe(204);
    await send("PUT", entry, { rules: [block("one", "ssl")] });
    expect((await send("DELETE", `${path}/${id}/versions/1?dry_run=true`)).status).toBe(204);
    expect((await send("GET", `${path}/${id}/versions/1`)).status).toBe(200);
    expect(before[0]?.version).toBe("1");
  });

  test("a delete answers 204", async () => {
    const { send } = createTestApi();
    const { id } = (await send("PUT", entry, {})).json.result;
    const answer = await send("DELETE", `${path}/${id}`);
    expect([answer.status, answer.text]).toEqual([204, ""]);
  });

  test("a missing entry point: GET answers 404, and a phase must exist", async () => {
    const { send } = createTestApi();
    expect((await send("GET", entry)).status).toBe(404);
    const unknown = await send("GET", `${path}/phases/http_request_api_gateway_late/entrypoint`);
    expect(unknown.json.errors[0].message).toBe(
      "'http_request_api_gateway_late' is not a valid value for phase because there is no such phase",
    );
  });

  test("two writes to one ruleset at once: the second waits; other rulesets do not", async () => {
    const { send } = createTestApi();
    await send("PUT", entry, {});
    const answers = await Promise.all([
      send("PUT", entry, { rules: [block("one")] }),
      send("PUT", entry, { rules: [block("two")] }),
      send("PUT", `${path}/phases/http_request_transform/entrypoint`, {}),
      send("GET", entry),
    ]);
    expect(answers.map((each) => each.status)).toEqual([200, 429, 200, 200]);
    const { id } = answers[0].json.result;
    const [, byId] = await Promise.all([send("PUT", entry, {}), send("PUT", `${path}/${id}`, {})]);
    expect(byId.status).toBe(429);
    expect(answers[1].json.errors[0].code).toBe(20429);
    expect(answers[1].headers.get("retry-after")).toBe("1");
    expect(answers[1].headers.get("x-should-retry")).toBe("true");
    expect((await send("PUT", entry, { rules: [block("two")] })).status).toBe(200);
  });
});
