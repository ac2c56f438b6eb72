import { afterEach, describe, expect, test, vi } from "vitest";
import { type ApiProblem, apiFailure, openApi } from "./cloudflareApi.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const open = () => openApi({ token: "t".repeat(40), baseUrl: "https://api.invalid/client/v4" }, []);

test("an operation that has taken too long reads, and writes no more", async () => {
  const sent: string[] = [];
  vi.stubGlobal("fetch", async (_input: unknown, init?: RequestInit) => {
    sent.push(init?.method ?? "GET");
    return Response.json({ result: {}, messages: [] });
  });
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
  const api = await open();
  vi.setSystemTime(1_000_000 + 50_000);
  await api.call("put", "/zones/z/a", {});
  vi.setSystemTime(1_000_000 + 50_001);
  await api.call("get", "/zones/z/a");
  const late = await api.call("put", "/zones/z/a", {}).catch((error: Error) => error);
  expect(late).toEqual(
    new Error(
      "API_UNREACHABLE: PUT /zones/z/a was not sent: Cloudflare's answers took more than 50 s, and a run that was killed meanwhile must not write that late. Run the same command again",
    ),
  );
  await expect(api.pause(late as never)).rejects.toBe(late);
  expect(sent).toEqual(["PUT", "GET"]);
});

/** What a call says when it is answered so, and how often it was sent. */
async function failed(answer: () => Response | Promise<Response>) {
  const fetched = vi.fn(async () => answer());
  vi.stubGlobal("fetch", fetched);
  const api = await open();
  const problem = (await api.call("put", "/a", {}).catch((error: Error) => error)) as ApiProblem;
  const { message, code, status, retryAfterSeconds } = problem;
  return { message, code, status, retryAfterSeconds, sent: fetched.mock.calls.length };
}

const refusal =
  (status: number, headers: Record<string, string> = {}) =>
  () =>
    Response.json({ errors: [{ code: 10001, message: "no. " }], messages: [] }, { status, headers });

describe("a failed call", () => {
  test("is sent once, and says what the API said and what to do", async () => {
    expect(await failed(refusal(500))).toEqual({
      message:
        "API_FAILED: PUT /a: 500 10001: no. Cloudflare fails at the moment: run the same command again later",
      code: "API_FAILED",
      status: 500,
      retryAfterSeconds: 1,
      sent: 1,
    });
  });

  test("without an answer says so, and may be tried again", async () => {
    const { message, ...rest } = await failed(() => Promise.reject(new TypeError("socket closed")));
    expect(message).toMatch(
      /^API_UNREACHABLE: PUT \/a: no answer \(Connection error\.?\)\. Check the network and CLOUDFLARE_BASE_URL, then run the same command again$/,
    );
    expect(rest).toEqual({ code: "API_UNREACHABLE", status: undefined, retryAfterSeconds: 1, sent: 1 });
  });

  test.each<[number, Record<string, string>, number | undefined]>([
    [400, {}, undefined],
    [401, {}, undefined],
    [404, {}, undefined],
    [408, {}, 1],
    [409, {}, 1],
    [429, { "retry-after": "7" }, 7],
    [429, { "retry-after": "Wed, 25 Nov 2026 09:00:00 GMT" }, 1],
    [499, {}, undefined],
    [503, { "retry-after": "0" }, 1],
    [503, { "x-should-retry": "false" }, undefined],
    [400, { "x-should-retry": "true" }, undefined],
  ])("of status %i with %j may be tried again after %s s", async (status, headers, seconds) => {
    expect((await failed(refusal(status, headers))).retryAfterSeconds).toBe(seconds);
  });

  test.each([
    [undefined, "API_UNREACHABLE"],
    [400, "API_REFUSED"],
    [401, "API_FORBIDDEN"],
    [403, "API_FORBIDDEN"],
    [429, "API_RATE_LIMITED"],
    [499, "API_REFUSED"],
    [500, "API_FAILED"],
  ])("of status %s is %s", (status, code) => {
    expect(apiFailure(status).code).toBe(code);
  });
});

test("an answer gives its result, its messages and the end of its second; one without a body gives nothing", async () => {
  const date = "Wed, 25 Nov 2026 09:00:00 GMT";
  const messages = [{ code: 1, message: "m" }];
  vi.stubGlobal("fetch", async (_input: unknown, { method }: RequestInit) =>
    method === "delete" || method === "DELETE"
      ? new Response("", { headers: { date } })
      : Response.json({ result: { id: "x" }, messages }, { headers: { date } }),
  );
  const api = await open();
  const at = "2026-11-25T09:00:01.000Z";
  expect(await api.call("get", "/a")).toEqual({ result: { id: "x" }, messages, at });
  expect(await api.call("delete", "/a")).toEqual({ result: {}, messages: [], at });
});

describe("another attempt", () => {
  const problem = (retryAfterSeconds: number | undefined) =>
    Object.assign(new Error("problem"), { retryAfterSeconds }) as ApiProblem;

  test("waits as long as was asked", async () => {
    vi.useFakeTimers();
    const api = await open();
    let waited = false;
    const pause = api.pause(problem(7)).then(() => {
      waited = true;
    });
    await vi.advanceTimersByTimeAsync(6999);
    expect(waited).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    await pause;
  });

  test("is not made where it does not help, past the deadline, or after the sixth", async () => {
    vi.useFakeTimers();
    const api = await open();
    const final = problem(undefined);
    await expect(api.pause(final)).rejects.toBe(final);
    const late = problem(51);
    await expect(api.pause(late)).rejects.toBe(late);
    for (let attempt = 3; attempt <= 6; attempt += 1) {
      const pause = api.pause(problem(1));
      await vi.advanceTimersByTimeAsync(1000);
      await pause;
    }
    const seventh = problem(1);
    await expect(api.pause(seventh)).rejects.toBe(seventh);
  });

  test("may end exactly at the deadline", async () => {
    vi.useFakeTimers();
    const api = await open();
    const pause = api.pause(problem(50));
    await vi.advanceTimersByTimeAsync(50_000);
    await pause;
    const late = problem(1);
    await expect(api.pause(late)).rejects.toBe(late);
  });
});
