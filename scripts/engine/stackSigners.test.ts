import { describe, expect, it } from "vitest";
import { CommandError } from "../cli/errors.ts";
import { type RunProgram, readStackSigners } from "./stackSigners.ts";

const signers = { internal: { active: { kty: "oct", k: "c2VjcmV0", kid: "k1", alg: "HS256" } } };

async function failure(error: object): Promise<{ code: string; message: string }> {
  const run: RunProgram = async () => {
    throw Object.assign(new Error("Command failed: pulumi … c2VjcmV0"), error);
  };
  const caught: unknown = await readStackSigners("dev", { run }).catch((reason: unknown) => reason);
  if (!(caught instanceof CommandError)) throw new Error("no CommandError");
  return { code: caught.code, message: caught.message };
}

describe("readStackSigners", () => {
  it("asks the CLI for the secret output of the stack, in the project's folder", async () => {
    const calls: unknown[] = [];
    const run: RunProgram = async (program, args, { cwd }) => {
      calls.push([program, args.join(" "), cwd]);
      return JSON.stringify(signers);
    };
    expect(await readStackSigners("dev", { run, cwd: "/project" })).toEqual(signers);
    expect(await readStackSigners(undefined, { run })).toEqual(signers);
    expect(calls).toEqual([
      ["pulumi", "stack output signers --show-secrets --json --non-interactive --stack dev", "/project"],
      ["pulumi", "stack output signers --show-secrets --json --non-interactive", undefined],
    ]);
  });

  it("names the reason of a failure and repeats nothing of what the CLI said", async () => {
    expect(await failure({ code: "ENOENT", message: "spawn pulumi ENOENT" })).toEqual({
      code: "CLI_MISSING",
      message: "the pulumi CLI is not on PATH",
    });
    expect(await failure({ code: 255, stderr: "error: no stack named 'dev' found" })).toEqual({
      code: "STACK_NOT_FOUND",
      message: "stack dev does not exist in this backend",
    });
    expect(await failure({ code: 6, stderr: "" })).toMatchObject({ code: "STACK_NOT_FOUND" });
    expect(
      await failure({ code: 255, stderr: "error: current stack does not have output property 'signers'" }),
    ).toMatchObject({
      code: "OUTPUT_MISSING",
      message: "stack dev has no output `signers`",
    });
    expect(await failure({ code: 255, stderr: "secret c2VjcmV0" })).toMatchObject({
      message: "`pulumi stack output signers` failed for stack dev (exit code 255)",
    });
    expect(await failure({ name: "AbortError", code: "ABORT_ERR" })).toMatchObject({
      code: "CANCELLED",
    });
  });

  it("runs a real program, and tells when there is none", async () => {
    const path = process.env.PATH;
    process.env.PATH = "/nonexistent";
    try {
      await expect(readStackSigners("dev")).rejects.toMatchObject({
        code: "CLI_MISSING",
        message: "the pulumi CLI is not on PATH",
      });
    } finally {
      process.env.PATH = path;
    }
  });
});
