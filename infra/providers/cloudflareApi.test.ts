import { afterEach, expect, test, vi } from "vitest";
import { openApi } from "./cloudflareApi.ts";

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

test("an operation that has taken too long reads, and writes no more", async () => {
  const sent: string[] = [];
  vi.stubGlobal("fetch", async (_input: unknown, init?: RequestInit) => {
    sent.push(init?.method ?? "GET");
    return Response.json({ result: {}, messages: [] });
  });
  vi.useFakeTimers({ toFake: ["Date"], now: 1_000_000 });
  const api = await openApi({ token: "t".repeat(40), baseUrl: "https://api.invalid/client/v4" }, []);
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
