import { describe, expect, it } from "vitest";
import { commands } from "../cli/commands.ts";
import { fakeIo } from "../cli/fakeIo.ts";
import { main } from "../cli/program.ts";

async function run(...argv: string[]) {
  const io = fakeIo();
  const code = await main(["explain", ...argv], io, commands);
  return { code, out: io.stdout(), err: io.stderr() };
}

describe("explain", () => {
  it("says what a code means and what to do, in any case", async () => {
    const text =
      "TOKEN_EXPIRED (refused token, exit code 3)\n  `exp` lies further back than the edge's leeway of 60 s.\n  Get a new token; if it is new, compare the clocks of issuer and edge.\n";
    expect(await run("TOKEN_EXPIRED")).toEqual({ code: 0, out: text, err: "" });
    expect(await run("token_expired")).toEqual({ code: 0, out: text, err: "" });
  });

  it("explains problems of definitions", async () => {
    expect(
      (await run("MODULUS_WITHOUT_RSA")).out,
    ).toBe(`MODULUS_WITHOUT_RSA (error in a definition, exit code 2)
  Only RSA keys have a modulus.

Wrong:

  # api.yaml
  keys:
    main:
      algorithm: ES256
      modulus: 2048
      tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
      rotation: { every: 90d }

  host: api.example.com
  tokens: { ring: main, in: [header authorization] }
  rules:
    - id: orders
      match: { path: /orders/* }
      require: { scope: orders:read }

  api.yaml:4:14 MODULUS_WITHOUT_RSA: ES256 keys have no modulus
          modulus: 2048
                   ^
      remove modulus

Right:

  # api.yaml
  keys:
    main:
      algorithm: ES256
      tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
      rotation: { every: 90d }

  host: api.example.com
  tokens: { ring: main, in: [header authorization] }
  rules:
    - id: orders
      match: { path: /orders/* }
      require: { scope: orders:read }
`);
  });

  it("shows the stack's file where that matters, and says why there is no example", async () => {
    const { out } = await run("RULES_TOO_MANY");
    expect(out).toContain("  # Pulumi.bad.yaml\n  config:\n");
    expect(out).toContain("limits: { customRules: 1 }");
    expect((await run("ROTATION_SKEW")).out).toMatch(/\n {2}No file brings this about: .*\.\n$/);
    expect(JSON.parse((await run("RULES_TOO_MANY", "--json")).out).data.example.bad.codes).toEqual([
      "RULES_TOO_MANY",
    ]);
  });

  it("answers JSON", async () => {
    expect(JSON.parse((await run("USAGE", "--json")).out)).toEqual({
      version: 2,
      command: "explain",
      ok: true,
      exitCode: 0,
      data: {
        code: "USAGE",
        about: "command or rotation",
        exit: 2,
        meaning: "The command line names an unknown command, option or value, or leaves one out.",
        remedy: "Read `keyturn <command> --help`.",
      },
    });
  });

  it("lists all codes", async () => {
    const { code, out } = await run();
    expect(code).toBe(0);
    expect(out).toContain("\nLINK_EXPIRED: The link is as old as its lifetime or older.");
    expect(JSON.parse((await run("--json")).out).data).toHaveLength(out.trim().split("\n").length);
  });

  it("suggests the code that was meant", async () => {
    expect(await run("TOKEN_EXPIRD")).toEqual({
      code: 2,
      out: "",
      err: "error CODE_UNKNOWN: there is no such code\n  Did you mean TOKEN_EXPIRED? `keyturn explain` lists all codes.\n",
    });
    expect((await run("QQQQQQQQQQQ")).err).toBe(
      "error CODE_UNKNOWN: there is no such code\n  Run `keyturn explain` for the list of all codes.\n",
    );
  });
});
