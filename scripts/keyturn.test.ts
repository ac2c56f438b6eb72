import { spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";

const entry = join(import.meta.dirname, "keyturn.ts");

async function run(
  args: readonly string[],
  options: { readonly stdin?: string; readonly path?: string } = {},
) {
  const child = spawn(process.execPath, [entry, ...args], {
    stdio: ["pipe", "pipe", "pipe"],
    env: { PATH: options.path ?? process.env.PATH },
  });
  child.stdin.end(options.stdin ?? "");
  const exit = new Promise<number | null>((resolve) => child.once("close", resolve));
  const [out, err] = [text(child.stdout), text(child.stderr)];
  return { code: await exit, out: await out, err: await err };
}

describe("the real process", () => {
  it("prints its help", async () => {
    const { code, out, err } = await run(["--help"]);
    expect({ code, err }).toEqual({ code: 0, err: "" });
    expect(out).toContain("Usage: keyturn [options] [command]");
    for (const command of ["check", "explain", "token"])
      expect(out).toMatch(new RegExp(`^ {2}${command} `, "m"));
  });

  it("names the CLI that is missing, and how to get it", { timeout: 120_000 }, async () => {
    const { code, out, err } = await run(["status", "--stack", "dev", "--json"], { path: "/nonexistent" });
    const hint =
      "Install it (https://www.pulumi.com/docs/install/) so that `pulumi version` answers in this shell.";
    expect(err).toBe(`error CLI_MISSING: the pulumi CLI is not on PATH\n  ${hint}\n`);
    expect({ code, answer: JSON.parse(out) }).toEqual({
      code: 2,
      answer: {
        version: 2,
        command: "status",
        ok: false,
        exitCode: 2,
        errors: [{ code: "CLI_MISSING", message: "the pulumi CLI is not on PATH", hint, exitCode: 2 }],
      },
    });
  });

  it("writes commands as they can be typed here", async () => {
    const { code, err } = await run(["explain", "NOWHERE_TO_BE_FOUND"]);
    expect({ code, err }).toEqual({
      code: 2,
      err: "error CODE_UNKNOWN: there is no such code\n  Run `npx keyturn explain` for the list of all codes.\n",
    });
  });

  it("reads stdin and answers by exit code", async () => {
    const { code, out } = await run(["token", "verify", "--key-env", "PATH", "--kid", "k"], {
      stdin: "no token\n",
    });
    expect(code).toBe(3);
    expect(out).toContain("refused TOKEN_MALFORMED");
  });
});

describe("keyturn edge", () => {
  it.each(["SIGINT", "SIGTERM"] as const)("ends in order on %s", { timeout: 120_000 }, async (signal) => {
    const child = spawn(process.execPath, [entry, "edge", "--port", "0"], {
      stdio: ["ignore", "pipe", "pipe"],
      env: { PATH: process.env.PATH },
    });
    const exit = new Promise((resolve) => child.once("close", (code, by) => resolve({ code, by })));
    const errors = text(child.stderr);
    await new Promise((resolve) => child.stdout.once("data", resolve));
    child.kill(signal);
    expect({ exit: await exit, errors: await errors }).toEqual({ exit: { code: 0, by: null }, errors: "" });
  });

  it("says which port is in use, and what to do", { timeout: 120_000 }, async () => {
    const other = createServer().listen(0, "127.0.0.1");
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    const { code, out, err } = await run(["edge", "--port", String(port)]);
    other.close();
    expect({ code, out, err }).toEqual({
      code: 2,
      out: "",
      err: [
        `error PORT_UNAVAILABLE: port ${port} of 127.0.0.1 is in use by another process`,
        "  Name another with --port; `npx keyturn edge --port 0` takes any that is free.\n",
      ].join("\n"),
    });
  });
});
