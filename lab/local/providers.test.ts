import { expect, test } from "vitest";
import type { MirrorRing } from "../../model/definition/types.ts";
import { createProviders } from "./providers.ts";

const ring = (id: string, from: MirrorRing["from"], ...algorithms: string[]) =>
  ({ id, kind: "mirror", from, algorithms }) as unknown as MirrorRing;
const ISSUER = { kind: "issuer", issuer: "https://login.example.com/" } as const;

test("two rings of one place have keys of their own algorithms there, and no answer has a private part", async () => {
  const rings = [
    ring("a", ISSUER),
    ring("b", ISSUER, "RS256"),
    ring("c", { kind: "file", path: "hsm.json", kid: "hsm" }),
  ];
  const { get, read, keyOf } = await createProviders(rings);
  expect(rings.map((each) => [keyOf(each)?.alg, keyOf(each)?.kid])).toEqual([
    ["ES256", "https-login-example-com-jwks-json-1"],
    ["RS256", "https-login-example-com-jwks-json-2"],
    ["ES256", "hsm"],
  ]);
  expect(await get("https://login.example.com/.well-known/openid-configuration")).toEqual({
    text: '{"issuer":"https://login.example.com/","jwks_uri":"https://login.example.com/jwks.json"}',
  });
  const answers = [await get("https://login.example.com/jwks.json"), await read("hsm.json")];
  const members = answers.map((answer) =>
    "text" in answer ? JSON.parse(answer.text).keys.map((key: object) => Object.keys(key).join()) : answer,
  );
  expect(members).toEqual([["kty,crv,x,y,kid,alg,use", "kty,n,e,kid,alg,use"], ["kty,crv,x,y,kid,alg,use"]]);
  expect(await get("https://other.example.com/")).toEqual({
    reason: "https://other.example.com/ answers HTTP 404",
  });
});
