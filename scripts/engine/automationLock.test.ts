import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { lockFromError, readFileLock } from "./automationLock.ts";

describe("the CLI's complaint about a lock", () => {
  test("names user, host, pid and time", () => {
    const text = [
      "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.",
      "  file:///state/.pulumi/locks/organization/keyturn/dev/1.json: created by ci@runner-7 (pid 4711) at 2026-11-22T13:00:00+01:00",
    ].join("\n");
    expect(lockFromError(text)).toEqual({ who: "ci@runner-7 (pid 4711)", since: "2026-11-22T12:00:00.000Z" });
  });

  test("of Pulumi Cloud says only that there is one", () => {
    expect(lockFromError("error: [409] Conflict: Another update is currently in progress.")).toEqual({
      who: "another update",
      since: "an unknown time",
    });
  });

  test("is not seen in another failure", () => {
    expect(lockFromError("error: update failed")).toBeUndefined();
  });
});

describe("a lock in a folder", () => {
  let state: string;
  const locks = () => join(state, ".pulumi", "locks", "organization", "keyturn", "dev");
  const write = (name: string, text: string) => writeFileSync(join(locks(), name), text);
  beforeEach(() => {
    state = mkdtempSync(join(tmpdir(), "keyturn-lock-"));
  });
  afterEach(() => rmSync(state, { recursive: true }));

  test("is the oldest one, whatever else lies there", () => {
    mkdirSync(locks(), { recursive: true });
    const content = (pid: number, timestamp: string) =>
      JSON.stringify({ pid, username: "ci", hostname: "runner", timestamp });
    write("b.json", content(2, "2026-11-22T12:00:05Z"));
    write("a.json", content(1, "2026-11-22T13:00:01.5+01:00"));
    write("a.json.attrs", "{}");
    write("half.json", '{"pid":');
    expect(readFileLock(`file://${state}`, "organization/keyturn/dev")).toEqual({
      who: "ci@runner (pid 1)",
      since: "2026-11-22T12:00:01.500Z",
    });
  });

  test("of another stack does not count", () => {
    mkdirSync(locks(), { recursive: true });
    write(
      "a.json",
      JSON.stringify({ pid: 1, username: "ci", hostname: "h", timestamp: "2026-11-22T12:00:00Z" }),
    );
    expect(readFileLock(`file://${state}`, "organization/keyturn/prod")).toBeUndefined();
  });

  test("is none in a folder that is empty", () => {
    expect(readFileLock(`file://${state}`, "organization/keyturn/dev")).toBeUndefined();
  });
});
