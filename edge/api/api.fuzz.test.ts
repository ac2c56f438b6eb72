import fc from "fast-check";
import { expect, test } from "vitest";
import { fuzzSettings, Tally } from "../language/testing/runs.ts";
import { type FuzzRequest, fuzzRequest, planted, standingObjects } from "./fuzzRequests.ts";
import { createTestApi, type TestApi } from "./testing.ts";

const requestsInARun = 30;
/** Answers that are no envelope when they succeed: a KV value, a script. */
const rawPaths = /\/values\/|\/workers\/scripts\/[^/]+(\/content\/v2)?$/;
/** Whoever writes to a namespace reads it back, keys' metadata too: nothing there is a secret. */
const namespaces = /\/storage\/kv\//;
const refusals = [400, 401, 403, 404, 405, 409, 413, 429];

/** Of processor time for any one request; what is generated here took minutes where work was not bounded. */
const mostSeconds = 10;

function isKnown(headers: Headers): boolean {
  return /^Bearer ./.test(headers.get("authorization") ?? "") || headers.has("x-auth-key");
}

/** What is wrong with an answer, or undefined. */
function complaint(path: string, status: number, text: string): string | undefined {
  if (status === 204) return text === "" ? undefined : "204 with a body";
  if (status !== 200 && !refusals.includes(status)) return `status ${status}: ${text}`;
  if (status === 200 && rawPaths.test(path)) return undefined;
  let envelope: Record<string, unknown>;
  try {
    envelope = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return `no JSON: ${text}`;
  }
  const { success, errors, messages } = envelope;
  if (success !== (status === 200)) return `success ${String(success)} with status ${status}`;
  if (!Array.isArray(errors) || !Array.isArray(messages)) return `no envelope: ${text}`;
  if (success === true) return errors.length === 0 ? undefined : "success with errors";
  if (envelope.result !== null || errors.length === 0) return `a refusal without errors: ${text}`;
  const isWhole = errors.every(
    (each: { code: unknown; message: unknown }) =>
      Number.isInteger(each.code) && typeof each.message === "string" && !/\{\w+\}$/.test(each.message),
  );
  return isWhole ? undefined : `an error without code or message: ${text}`;
}

/** Makes the standing objects; answers their ids by parameter. */
async function prepare({ send }: TestApi): Promise<ReadonlyMap<string, string>> {
  const ids = new Map<string, string>();
  for (const { method, path, body, headers, ids: idsIn } of standingObjects) {
    const answer = await send(method, path.replace("{store_id}", ids.get("store_id") ?? ""), body, headers);
    expect(answer.status).toBe(200);
    for (const [name, id] of Object.entries(idsIn(answer.json.result))) ids.set(name, String(id));
  }
  return ids;
}

function requestOf(sent: FuzzRequest, ids: ReadonlyMap<string, string>): Request {
  const path = sent.path.replace(/\{(\w+)\}/g, (_whole, name: string) => ids.get(name) ?? "gone");
  const suffix = sent.query === "" ? "" : `?${sent.query}`;
  let { body } = sent;
  let form: FormData | undefined;
  if (Array.isArray(body)) {
    form = new FormData();
    for (const { name, value, isFile } of body) {
      if (isFile) form.append(name, new Blob([value]), name);
      else form.append(name, value);
    }
    body = undefined;
  }
  return new Request(`http://edge.test/client/v4${path}${suffix}`, {
    method: sent.method,
    headers: sent.headers,
    ...(form === undefined ? {} : { body: form }),
    ...(typeof body === "string" && sent.method !== "GET" ? { body } : {}),
  });
}

test("whatever is sent gets an envelope in bounded time, never an exception, and no secret comes back", async () => {
  const settings = fuzzSettings(1 / requestsInARun);
  const tally = new Tally();
  await fc.assert(
    fc.asyncProperty(
      fc.array(fuzzRequest, { minLength: requestsInARun, maxLength: requestsInARun }),
      async (requests) => {
        const test = createTestApi();
        const { api } = test;
        const ids = await prepare(test);
        for (const sent of requests) {
          const request = requestOf(sent, ids);
          const before = process.cpuUsage();
          const response = await api.fetch(request);
          const text = await response.text();
          const { user, system } = process.cpuUsage(before);
          expect((user + system) / 1e6).toBeLessThan(mostSeconds);
          if (!isKnown(request.headers)) expect(request.bodyUsed).toBe(false);
          tally.case();
          tally.count(response.status < 300 ? "accepted" : "refused");
          tally.count(`with ${response.status}`);
          const { pathname } = new URL(request.url);
          expect(complaint(pathname, response.status, text)).toBeUndefined();
          if (!rawPaths.test(pathname) && !namespaces.test(pathname)) expect(text).not.toContain(planted);
          expect(response.headers.get("date")).toBe("Sun, 22 Nov 2026 12:00:00 GMT");
        }
      },
    ),
    settings,
  );
  tally.print("API requests", settings);
  // A suite whose requests all fail at the door would prove little.
  expect(tally.share("accepted")).toBeGreaterThan(0.3);
});
