import { expect, test } from "vitest";
import { claimsOf } from "./claims.ts";

test.each([
  ['{"aud":["a",1,"b"],"iss":"i","sub":"s","jti":"j","iat":1,"nbf":2,"exp":3}', "all but exp"],
  ['{"aud":[],"iss":1,"sub":null,"iat":1.5,"nbf":"2"}', "none: wrong types"],
  ["[1]", "none: no object"],
  ["{", "none: no JSON"],
])("%s", (document, which) => {
  const all = { aud: ["a", "b"], iss: ["i"], jti: ["j"], sub: ["s"], iat: [1], nbf: [2] };
  expect(claimsOf(document)).toEqual({ document, ...(which === "all but exp" ? all : {}) });
});

test("a name with an escape is read right after another client's document", () => {
  expect(claimsOf('{"a":1,"\\\\":"x"}').sub).toBeUndefined();
  expect(claimsOf('{"a":1,"s\\u0075b":"x"}').sub).toEqual(["x"]);
});
