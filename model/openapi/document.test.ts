import { expect, test } from "vitest";
import { readApiDocument } from "./document.ts";

const WRONG = `openapi: 3.0.3
info: { title: t, version: "1" }
security: { t: [] }
paths:
  /a: { get: { security: [{ other: [], t: [] }] } }
  /b: { $ref: "./b.yaml" }
  c: { get: {} }
components: { securitySchemes: { t: { type: basic } } }
`;

test.each([
  ["swagger: '2.0'\n", ["1:1 openapi does not fit", "1:1 info does not fit"]],
  ["openapi: 2.0.0\ninfo: { title: t, version: x }\n", ["1:10 openapi does not fit"]],
  [
    WRONG.replace("security: { t: [] }\n", ""),
    [
      "7:45 components → securitySchemes → t → type does not fit",
      "4:36 no security scheme other is defined",
      "5:15 paths → /b refers to another document",
      "6:6 paths → c is no path",
    ],
  ],
  [WRONG, ["3:11 security does not fit"]],
  ["openapi: 3.0.0\ninfo: { title: t, version: x }\npaths: {}\n", ["3:8 the document has no operation"]],
])("a document that cannot be understood is refused with every place: %#", (text, expected) => {
  const { api, problems } = readApiDocument("pets.yaml", text);
  expect(api).toBeUndefined();
  expect(problems.map(({ code, line, column, message }) => `${code} ${line}:${column} ${message}`)).toEqual(
    expected.map((each) => `OPENAPI_INVALID ${each}`),
  );
});
