import { describe, expect, test } from "vitest";
import { accountId, createTestApi, given, zoneId } from "../testing.ts";
import { es256, hs256 } from "./testKeys.ts";

const path = `/zones/${zoneId}/token_validation/config`;

function body(overrides: Record<string, unknown> = {}) {
  return {
    title: "Production",
    description: "Checks the JWT in the authorization header.",
    token_sources: ['http.request.headers["authorization"][0]', 'http.request.cookies["Session"][0]'],
    token_type: "jwt",
    credentials: { keys: [es256("a"), hs256("b")] },
    ...overrides,
  };
}

describe("the SDK drives a token configuration", () => {
  test("create, get, list, edit, delete", async () => {
    const { client, world, advance } = createTestApi();
    const created = await client.tokenValidation.configuration.create(
      given({
        zone_id: zoneId,
        ...body(),
      }),
    );
    expect(created).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
      ...body({ token_type: "JWT" }),
      credentials: { keys: [es256("a"), { alg: "HS256", kid: "b", kty: "oct" }] },
      created_at: "2026-11-22T12:00:00.000000Z",
      last_updated: "2026-11-22T12:00:00.000000Z",
    });
    expect(world.zone(zoneId).tokenConfigurations[0]?.keys[1]).toEqual(hs256("b"));

    const other = await client.tokenValidation.configuration.create(given({ zone_id: zoneId, ...body() }));
    const listed: unknown[] = [];
    for await (const each of client.tokenValidation.configuration.list({ zone_id: zoneId, per_page: 1 })) {
      listed.push(each.id);
    }
    expect(listed).toEqual([created.id, other.id]);

    advance(5_000);
    const edited = await client.tokenValidation.configuration.edit(created.id, {
      zone_id: zoneId,
      title: "Renamed",
    });
    expect(edited).toEqual({
      id: created.id,
      title: "Renamed",
      description: created.description,
      token_sources: created.token_sources,
    });
    const read = await client.tokenValidation.configuration.get(created.id, { zone_id: zoneId });
    expect(read).toEqual({ ...created, title: "Renamed", last_updated: "2026-11-22T12:00:05.000000Z" });

    expect(await client.tokenValidation.configuration.delete(created.id, { zone_id: zoneId })).toEqual({
      id: created.id,
    });
    await expect(
      client.tokenValidation.configuration.get(created.id, { zone_id: zoneId }),
    ).rejects.toMatchObject({
      status: 404,
      errors: [{ code: 10007, message: "token configuration not found" }],
    });
  });

  test("a list beyond its end is empty", async () => {
    const { send } = createTestApi();
    await send("POST", path, body());
    const page = await send("GET", `${path}?page=2&per_page=1`);
    expect(page.json).toEqual({
      result: [],
      success: true,
      errors: [],
      messages: [],
      result_info: { page: 2, per_page: 1, count: 0, total_count: 1 },
    });
  });
});

describe("refusals", () => {
  test("all problems of a body come at once, each with its pointer", async () => {
    const { send } = createTestApi();
    const answer = await send("POST", path, {
      title: "t".repeat(51),
      description: "d".repeat(501),
      token_sources: [],
      token_type: "PASETO",
    });
    expect(answer.status).toBe(400);
    expect(answer.json.result).toBeNull();
    expect(answer.json.success).toBe(false);
    expect(answer.json.errors).toEqual([
      {
        code: 10016,
        message: "title: Too big: expected string to have <=50 characters",
        source: { pointer: "/title" },
      },
      {
        code: 10016,
        message: "description: Too big: expected string to have <=500 characters",
        source: { pointer: "/description" },
      },
      {
        code: 10016,
        message: "token_sources: Too small: expected array to have >=1 items",
        source: { pointer: "/token_sources" },
      },
      { code: 10016, message: "token_type: must be JWT", source: { pointer: "/token_type" } },
      {
        code: 10016,
        message: "credentials: Invalid input: expected object, received undefined",
        source: { pointer: "/credentials" },
      },
    ]);
  });

  test.each([
    [
      "http.request.uri",
      'must have the form http.request.headers["name"][0] or http.request.cookies["name"][0]',
    ],
    [
      'http.request.headers["authorization"][1]',
      'must have the form http.request.headers["name"][0] or http.request.cookies["name"][0]',
    ],
    ['http.request.headers["Authorization"][0]', 'header names are lower case here: write "authorization"'],
  ])("token source %s", async (source, what) => {
    const { send } = createTestApi();
    const answer = await send("POST", path, body({ token_sources: [source] }));
    expect(answer.status).toBe(400);
    expect(answer.json.errors).toEqual([
      { code: 190205, message: `token_sources[0]: ${what}`, source: { pointer: "/token_sources/0" } },
    ]);
  });

  test("cookies need Pro", async () => {
    const { send } = createTestApi({ plan: "free" });
    const answer = await send("POST", path, body());
    expect(answer.json.errors[0].message).toBe(
      "token_sources[1]: http.request.cookies needs the Pro plan or higher",
    );
  });

  test("at most four sources", async () => {
    const { send } = createTestApi();
    const sources = Array.from({ length: 5 }, (_, index) => `http.request.headers["h${index}"][0]`);
    const answer = await send("POST", path, body({ token_sources: sources }));
    expect(answer.json.errors[0].message).toBe("token_sources: Too big: expected array to have <=4 items");
  });

  test("32 configurations, or what the zone overrides", async () => {
    const { send } = createTestApi({ limits: { configurationsPerZone: 2 } });
    expect((await send("POST", path, body())).status).toBe(200);
    expect((await send("POST", path, body())).status).toBe(200);
    const third = await send("POST", path, body());
    expect(third.status).toBe(400);
    expect(third.json.errors).toEqual([
      { code: 190102, message: "exceeded maximum number of token configurations: 3 out of 2" },
    ]);
  });

  test.each(["GET", "PATCH", "DELETE"])("%s of an unknown id answers 404", async (method) => {
    const unknown = `${path}/00000000-0000-4000-8000-000000000000`;
    const payload = method === "PATCH" ? {} : undefined;
    expect((await createTestApi().send(method, unknown, payload)).status).toBe(404);
  });
});

describe("entitlement", () => {
  test.each(["free", "pro", "business"] as const)("%s without API Shield answers 10403", async (plan) => {
    const { send } = createTestApi({ plan, addOns: [] });
    for (const [method, suffix] of [
      ["GET", ""],
      ["POST", ""],
      ["PUT", "/x/credentials"],
      ["GET", "/x"],
    ] as const) {
      const answer = await send(method, path + suffix, method === "GET" ? undefined : body());
      expect(answer.status).toBe(403);
      expect(answer.json.errors).toEqual([
        {
          code: 10403,
          message: "token validation is not available: the zone has no entitlement for it",
        },
      ]);
    }
  });

  test("Enterprise without API Shield may try it", async () => {
    expect((await createTestApi({ addOns: [] }).send("GET", path)).status).toBe(200);
  });
});

test("a configuration in use is deleted all the same", async () => {
  const { send } = createTestApi();
  const { id } = (await send("POST", path, body())).json.result;
  await send("POST", `/zones/${zoneId}/token_validation/rules`, {
    title: "r",
    description: "",
    action: "block",
    enabled: true,
    expression: `is_jwt_valid("${id}")`,
    selector: {},
  });
  expect((await send("DELETE", `${path}/${id}`)).status).toBe(200);
});

test("another zone's configuration is not found, and an unknown zone is no route", async () => {
  const { send } = createTestApi();
  const answer = await send("GET", `/zones/${accountId}/token_validation/config`);
  expect(answer.status).toBe(404);
  expect(answer.json.errors).toEqual([
    {
      code: 7003,
      message: `Could not route to /zones/${accountId}, perhaps your object identifier is invalid?`,
    },
  ]);
});
