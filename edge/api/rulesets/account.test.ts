import { describe, expect, test } from "vitest";
import { accountId, createTestApi, zoneId } from "../testing.ts";

const custom = "http_request_firewall_custom";
const block = (ref: string) => ({ action: "block", expression: 'http.host eq "a.example.com"', ref });

describe("account rulesets", () => {
  const account = `/accounts/${accountId}/rulesets`;

  test("root entry point and custom ruleset, used by execute", async () => {
    const { send, world } = createTestApi();
    const made = await send("POST", account, {
      kind: "custom",
      name: "shared",
      phase: custom,
      rules: [block("one")],
    });
    const { id } = made.json.result;
    const execute = { action: "execute", expression: 'cf.ray_id ne ""', action_parameters: { id } };
    const root = await send("PUT", `${account}/phases/${custom}/entrypoint`, { rules: [execute] });
    expect(root.json.result.kind).toBe("root");
    expect(world.account(accountId).rulesets.map((each) => each.kind)).toEqual(["custom", "root"]);
    const inUse = await send("DELETE", `${account}/${id}`);
    expect(inUse.status).toBe(409);
    expect(inUse.json.errors[0].message).toBe(`ruleset 'shared' is used by ruleset ${root.json.result.id}`);
    expect((await send("POST", account, { kind: "zone", name: "n", phase: custom })).status).toBe(400);
  });

  test("need Enterprise", async () => {
    const { send } = createTestApi({ plan: "business" });
    const answer = await send("GET", account);
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toEqual([
      { code: 190101, message: "an account-level ruleset is not available on the business plan" },
    ]);
  });

  test("an unknown account is no route", async () => {
    const answer = await createTestApi().send("GET", `/accounts/${zoneId}/rulesets`);
    expect(answer.json.errors[0].code).toBe(7003);
  });
});
