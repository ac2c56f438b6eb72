import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { describe, expect, test } from "vitest";
import { Diagnostics } from "./automationDiagnostics.ts";

const URN =
  "urn:pulumi:dev::keyturn::keyturn:index:ZoneRules$pulumi-nodejs:dynamic/keyturn:PhaseRules::rules";
const STACK = "urn:pulumi:dev::keyturn::pulumi:pulumi:Stack::keyturn-dev";

function collected(...events: Partial<EngineEvent>[]): Diagnostics {
  const diagnostics = new Diagnostics();
  for (const event of events) diagnostics.onEvent({ sequence: 0, timestamp: 0, ...event });
  return diagnostics;
}

function error(message: string, urn?: string): Partial<EngineEvent> {
  const base = { message, color: "never", severity: "error" } as const;
  return { diagnosticEvent: urn === undefined ? base : { ...base, urn } };
}

describe("diagnostics of a run", () => {
  test("name the resource, once, without colours, stack and the engine's own sentences", () => {
    const message =
      "<{%reset%}>\u001b[31mPUT /x: 400 1: malformed\u001b[0m\n    at update (/app/x.js:1:2)\n<{%reset%}>";
    const found = collected(
      error(message, URN),
      error(message, URN),
      error("update failed"),
      error("an unhandled error occurred: Program exited with non-zero exit code: 1", STACK),
    );
    expect(found.messages("Command failed with exit code 1")).toEqual(["rules: PUT /x: 400 1: malformed"]);
  });

  test("of the program itself carry no name", () => {
    expect(collected(error("RING_MISSING: ring a has live keys", STACK)).messages()).toEqual([
      "RING_MISSING: ring a has live keys",
    ]);
  });

  test("leave out what is no error", () => {
    const warning = { message: "careful", color: "never", severity: "warning" } as const;
    expect(collected({ diagnosticEvent: warning }).messages()).toEqual([]);
  });

  test("keep the engine's own sentence where nothing else was said", () => {
    expect(collected(error("update failed")).messages()).toEqual(["update failed"]);
  });

  test("fall back to the CLI's text from its first error on", () => {
    const text = "Command failed with exit code 255: pulumi up\nloading\nerror: no stack named 'dev' found\n";
    expect(collected().messages(text)).toEqual(["no stack named 'dev' found"]);
  });

  test("hold no secret that an API quoted", () => {
    const secret = "SECRETSECRETSECRETSECRETSECRETSE";
    const [message] = collected(error(`bad is_timed_hmac_valid_v0("${secret}", x)`, URN)).messages();
    expect(message).toBe("rules: bad is_timed_hmac_valid_v0([masked], x)");
  });

  test("hold no part of a secret that the process knows", () => {
    const secret = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-_";
    const diagnostics = new Diagnostics([secret]);
    diagnostics.onEvent({ sequence: 0, timestamp: 0, ...error(`near ${secret.slice(10, 50)}`, URN) });
    expect(diagnostics.messages()).toEqual(["rules: near [secret]"]);
  });

  test("count the changes of the run's summary", () => {
    const summaryEvent = {
      maybeCorrupt: false,
      durationSeconds: 1,
      resourceChanges: { same: 3, update: 1 },
      policyPacks: {},
    };
    expect(collected({ summaryEvent }).changes()).toEqual({ same: 3, update: 1 });
    expect(collected().changes()).toEqual({});
  });
});
