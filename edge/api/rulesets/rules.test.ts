import { describe, expect, test } from "vitest";
import { createTestApi, zoneId } from "../testing.ts";

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

describe("identity of rules", () => {
  test("ref keeps the id; a changed ref, or one removed and added again, is a new rule", async () => {
    const { send } = createTestApi();
    const put = async (rules: readonly unknown[]) => (await send("PUT", entry, { rules })).json.result.rules;
    const [one, two] = await put([block("one"), block("two")]);
    const [again] = await put([block("two", "ssl"), block("three")]);
    expect(again).toMatchObject({ id: two.id, version: "2", expression: "ssl" });
    const back = await put([block("one")]);
    expect(back[0].id).not.toBe(one.id);
    expect(back[0].version).toBe("1");
  });

  test("in a single call too a changed ref is a new rule, in the place of the old one", async () => {
    const { send } = createTestApi();
    const made = await send("PUT", entry, { rules: [block("one"), block("two")] });
    const { id, rules } = made.json.result;
    const same = await send("PATCH", `${path}/${id}/rules/${rules[0].id}`, block("one", "ssl"));
    expect(same.json.result.rules[0]).toMatchObject({ id: rules[0].id, version: "2" });
    const other = await send("PATCH", `${path}/${id}/rules/${rules[0].id}`, block("three"));
    expect(other.json.result.rules.map((rule: { ref: string }) => rule.ref)).toEqual(["three", "two"]);
    expect(other.json.result.rules[0].id).not.toBe(rules[0].id);
    expect(other.json.result.rules[0].version).toBe("1");
  });

  test("without ref the id is the ref; a rule sent with its id stays", async () => {
    const { send } = createTestApi();
    const made = await send("PUT", entry, { rules: [{ action: "block", expression: "ssl" }] });
    const [rule] = made.json.result.rules;
    expect(rule.ref).toBe(rule.id);
    const kept = await send("PUT", entry, { rules: made.json.result.rules });
    expect(kept.json.result.rules).toEqual([rule]);
    expect(kept.json.result.version).toBe("2");
  });

  test("a rule that did not change keeps version and time", async () => {
    const { send, advance } = createTestApi();
    const made = await send("PUT", entry, { rules: [block("one"), block("two")] });
    advance(1_000);
    const changed = await send("PUT", entry, { rules: [block("one"), block("two", "ssl")] });
    expect(changed.json.result.rules[0]).toEqual(made.json.result.rules[0]);
    expect(changed.json.result.rules[1].last_updated).toBe("2026-11-22T12:00:01.000000Z");
  });

  test("a ref occurs once, in PUT and in single calls", async () => {
    const { send } = createTestApi();
    const doubled = await send("PUT", entry, { rules: [block("one"), block("one")] });
    expect(doubled.json.errors).toEqual([
      {
        code: 20122,
        message: "ref 'one' occurs twice in the ruleset",
        source: { pointer: "/rules/1/ref" },
      },
    ]);
    const { id } = (await send("PUT", entry, { rules: [block("one")] })).json.result;
    expect((await send("POST", `${path}/${id}/rules`, block("one"))).json.errors[0].code).toBe(20122);
    expect((await send("PUT", entry, { rules: [{ ...block("x"), ref: "" }] })).status).toBe(400);
  });
});

describe("position", () => {
  const start = async () => {
    const test = createTestApi();
    const made = await test.send("PUT", entry, { rules: ["a", "b", "c"].map((ref) => block(ref)) });
    const { id, rules } = made.json.result;
    const [a, b, c] = rules.map((each: { id: string }) => each.id);
    const insert = (position: unknown) =>
      test.send("POST", `${path}/${id}/rules`, { ...block("x"), position });
    return { ...test, id, a, b, c, insert };
  };
  const order = (answer: { json: { result: { rules: { ref: string }[] } } }) =>
    answer.json.result.rules.map((each) => each.ref).join("");

  test("before, after, first, last, index from 1, and none", async () => {
    expect(order(await (await start()).insert(undefined))).toBe("abcx");
    expect(order(await (await start()).insert({ before: "" }))).toBe("xabc");
    expect(order(await (await start()).insert({ after: "" }))).toBe("abcx");
    expect(order(await (await start()).insert({ index: 1 }))).toBe("xabc");
    expect(order(await (await start()).insert({ index: 4 }))).toBe("abcx");
    const { b, insert } = await start();
    expect(order(await insert({ before: b }))).toBe("axbc");
    const other = await start();
    expect(order(await other.insert({ after: other.b }))).toBe("abxc");
  });

  test("out of range, unknown, or two at once is 400", async () => {
    const { insert, a } = await start();
    expect((await insert({ index: 0 })).json.errors[0]).toEqual({
      code: 190208,
      message: "position.index: 0 is out of range, it counts from 1 to 4",
      source: { pointer: "/position/index" },
    });
    expect((await insert({ index: 5 })).status).toBe(400);
    expect((await insert({ before: "nobody" })).json.errors[0].message).toBe(
      "position.before: there is no other rule with this id",
    );
    expect((await insert({ before: a, index: 1 })).status).toBe(400);
  });

  test("a change and a move in one call", async () => {
    const { send, id, c } = await start();
    const answer = await send("PATCH", `${path}/${id}/rules/${c}`, {
      ...block("c", "ssl"),
      position: { index: 1 },
    });
    expect(order(answer)).toBe("cab");
    expect(answer.json.result.rules[0]).toMatchObject({ id: c, version: "2", expression: "ssl" });
  });
});

describe("members that this edge does not know", () => {
  const foreign = {
    ref: "foreign",
    action: "managed_challenge",
    action_parameters: { z: [1, { y: null }], a: { constructor: "x" } },
    description: "theirs",
    enabled: false,
    expression: "ssl",
    logging: { enabled: false, to: "nowhere" },
    exposed_credential_check: { username_expression: "a", password_expression: "b" },
    categories: ["theirs"],
    ziggy: null,
    toString: { nested: [true, 1.5] },
  };

  test("are kept through PUT, PATCH and POST, and a PUT of what was read changes nothing", async () => {
    const { send } = createTestApi();
    const first = (await send("PUT", entry, { rules: [foreign] })).json.result;
    const [{ id, version, last_updated, ...kept }] = first.rules;
    expect({ ...kept }).toEqual(foreign);
    const again = await send("PUT", entry, { rules: [{ id, ...kept }] });
    expect(JSON.stringify(again.json.result.rules)).toBe(JSON.stringify(first.rules));
    const change = { ...kept, ziggy: "stardust" };
    const patched = await send("PATCH", `${path}/${first.id}/rules/${id}`, change);
    expect(patched.json.result.rules[0]).toMatchObject({ id, version: "2", ...change });
    const added = await send("POST", `${path}/${first.id}/rules`, { ...foreign, ref: "second" });
    expect(added.json.result.rules[1]).toMatchObject({ ...foreign, ref: "second" });
  });

  test("and what the API adds itself is ignored when it is sent", async () => {
    const { send } = createTestApi();
    const sent = { ...foreign, version: "7", last_updated: "never" };
    const [made] = (await send("PUT", entry, { rules: [sent] })).json.result.rules;
    expect([made.version, made.last_updated]).toEqual(["1", "2026-11-22T12:00:00.000000Z"]);
  });

  test("of a rate limit are kept, and its defaults and those of a skip are added", async () => {
    const { send } = createTestApi();
    const limit = { characteristics: ["cf.colo.id", "ip.src"], period: 60, requests_per_period: 5 };
    const put = (phase: string, rule: unknown) =>
      send("PUT", `${path}/phases/${phase}/entrypoint`, { rules: [rule] });
    const limited = await put("http_ratelimit", { ...block("r"), ratelimit: { ...limit, theirs: "x" } });
    expect(limited.json.result.rules[0].ratelimit).toEqual({
      ...limit,
      theirs: "x",
      mitigation_timeout: 0,
      requests_to_origin: false,
    });
    const skip = { ...block("s"), action: "skip", action_parameters: { ruleset: "current" } };
    const skipped = await put("http_request_firewall_custom", skip);
    expect(skipped.json.result.rules[0].logging).toEqual({ enabled: true });
  });
});
