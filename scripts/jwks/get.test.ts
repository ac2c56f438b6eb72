import { expect, test } from "vitest";
import { getWith } from "./get.ts";

const URL_ = "https://id.example.net/set";
const asking = (answer: () => Response | Promise<Response>, most = 10) => getWith(async () => answer(), most);

test.each<[string, () => Response | Promise<Response>, object]>([
  ["as much as is allowed", () => new Response("0123456789"), { text: "0123456789" }],
  ["more", () => new Response("0123456789a"), { reason: `${URL_} answers more than 10 bytes` }],
  ["an error", () => new Response("{}", { status: 500 }), { reason: `${URL_} answers HTTP 500` }],
  [
    "a redirect",
    () => new Response(null, { status: 302, headers: { location: "https://evil.example/" } }),
    { reason: `${URL_} answers 302, a redirect, which is not followed: write its target` },
  ],
  [
    "no connection",
    () => Promise.reject(new TypeError("fetch failed", { cause: { code: "ENOTFOUND" } })),
    { reason: `${URL_} cannot be asked (ENOTFOUND)` },
  ],
])("an answer with %s", async (_label, answer, expected) => {
  expect(await asking(answer)(URL_)).toEqual(expected);
});

test("nothing is asked without TLS, and a redirect is not followed by fetch itself", async () => {
  const asked: (RequestInit | undefined)[] = [];
  const get = getWith(async (_url, init) => {
    asked.push(init);
    return new Response("");
  }, 10);
  expect(await get("http://127.0.0.1/set")).toEqual({ reason: "http://127.0.0.1/set is not https" });
  expect(asked).toEqual([]);
  await get(URL_);
  expect(asked.map((init) => init?.redirect)).toEqual(["manual"]);
});
