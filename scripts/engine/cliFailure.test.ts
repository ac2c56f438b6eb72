import { describe, expect, test } from "vitest";
import { explainedCode } from "../../model/codes/codeTable.ts";
import { AutomationEngine } from "./automation.ts";
import { cliFailure } from "./cliFailure.ts";

/** As the Automation API frames what the CLI said (`sdk/nodejs/automation/cmd.ts`, 3.270). */
function framed(stderr: string, code = 255): Error {
  return Object.assign(new Error(`code: ${code}\n stdout: \n stderr: ${stderr}\n err?: \n`), {
    name: "CommandError",
  });
}

describe("a failed call of the CLI", () => {
  test.each([
    [
      framed("Command failed with ENOENT: pulumi version\nspawn pulumi ENOENT", -2),
      "CLI_MISSING: the pulumi CLI is not on PATH",
      2,
    ],
    [
      framed("Command failed with EACCES: pulumi version\nspawn pulumi EACCES", -2),
      "CLI_MISSING: the pulumi CLI on PATH may not be executed",
      2,
    ],
    [
      new Error(
        "Minimum version requirement failed. The minimum CLI version requirement is 3.2.0-alpha, your current CLI version is v2.11.2. Please update the Pulumi CLI.",
      ),
      "CLI_VERSION: the pulumi CLI on PATH has version v2.11.2, at least 3.2.0-alpha is needed",
      2,
    ],
    [
      new Error(
        "Major version mismatch. You are using Pulumi CLI version v4.0.0 with Automation SDK v3. Please update the SDK.",
      ),
      "CLI_VERSION: the pulumi CLI on PATH has version v4.0.0, this project drives v3",
      2,
    ],
    [
      new Error("Failed to parse Pulumi CLI version. This is probably an internal error."),
      "CLI_VERSION: what is called pulumi on PATH does not say its version: it is another program",
      2,
    ],
    [
      framed("error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions"),
      "LOGIN_MISSING: the pulumi CLI is not logged in to a backend",
      3,
    ],
    [
      framed("error: this command requires logging in; try running `pulumi login` first"),
      "LOGIN_MISSING: the pulumi CLI is not logged in to a backend",
      3,
    ],
    [
      framed("error: could not query endpoint: [401] Unauthorized: No credentials provided or are invalid."),
      "LOGIN_MISSING: the pulumi CLI is not logged in to a backend",
      3,
    ],
    [
      framed("error: problem logging in: invalid access token"),
      "LOGIN_MISSING: the backend does not accept the pulumi CLI's login",
      3,
    ],
    [
      framed(
        "error: no stack selected; please use `pulumi stack select` or `pulumi stack init` to choose one",
      ),
      "STACK_NOT_SELECTED: no stack is named and none is selected",
      6,
    ],
    [
      framed("error: no stack named 'dev' found"),
      "STACK_NOT_FOUND: stack dev does not exist in this backend",
      6,
    ],
    [
      framed(
        "error: getting secrets manager: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
      ),
      "PASSPHRASE_MISSING: the secrets of stack dev are encrypted by a passphrase, and none is given",
      3,
    ],
    [
      framed(
        'error: constructing secrets manager of type "passphrase": unable to find either `PULUMI_CONFIG_PASSPHRASE` or `PULUMI_CONFIG_PASSPHRASE_FILE` when trying to access the Passphrase Secrets Provider; please ensure one of these environment variables is set',
      ),
      "PASSPHRASE_MISSING: the secrets of stack dev are encrypted by a passphrase, and none is given",
      3,
    ],
    [
      framed(
        "error: getting stack configuration: get stack secrets manager: incorrect passphrase, please set PULUMI_CONFIG_PASSPHRASE to the correct passphrase or set PULUMI_CONFIG_PASSPHRASE_FILE to a file containing the passphrase",
      ),
      "PASSPHRASE_WRONG: the passphrase is not the one of stack dev",
      3,
    ],
    [
      framed("error: read \u001b[31m.pulumi/meta.yaml\u001b[0m: blob (code=NotFound)\n    at a (/x.js:1:2)"),
      "ENGINE_FAILED: read .pulumi/meta.yaml: blob (code=NotFound)",
      1,
    ],
  ])("%#: %s", (error, said, exit) => {
    const { code, message, hint } = cliFailure(error, "stack dev");
    expect(`${code}: ${message}`).toBe(said);
    expect(hint).not.toBe("");
    expect(explainedCode(code)?.exit).toBe(exit);
  });

  test("that nobody knows is printed without secrets", () => {
    const error = framed(`error: refused {"k":"${"x".repeat(43)}"}`);
    expect(cliFailure(error, "stack dev").message).toBe('refused {"k":"[masked]"}');
  });
});

describe("without a CLI", () => {
  test("a stack cannot be opened, and none is selected", async () => {
    const path = process.env.PATH;
    process.env.PATH = "/nonexistent";
    try {
      const missing = { code: "CLI_MISSING", message: "the pulumi CLI is not on PATH" };
      await expect(AutomationEngine.open({ workDir: "/", stack: "dev" })).rejects.toMatchObject(missing);
      await expect(AutomationEngine.selected("/")).rejects.toMatchObject(missing);
    } finally {
      process.env.PATH = path;
    }
  });
});
