import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { openShell, type Shell } from "./testing/shell.ts";

const entry = join(import.meta.dirname, "..", "..", "scripts", "keyturn.ts");

/** Types `keyturn lab …` as a process of its own. */
async function run(shell: Shell, ...args: readonly string[]) {
  const child = spawn(process.execPath, [entry, "lab", ...args], {
    cwd: shell.folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env.PATH },
  });
  const [out, err, [code, signal]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, "close"),
  ]);
  return { code, signal, out, err };
}

test("a run that is killed after its call's effect leaves what a killed run leaves, and the next one goes on", async () => {
  const shell = openShell();
  expect(await run(shell, "up", "--project", ".")).toMatchObject({ code: 0, err: "" });
  await run(shell, "clock", "+1h");
  // The first keys are proved and promoted; then a second one is begun.
  for (let turn = 0; turn < 2; turn += 1) await run(shell, "rotate");
  await run(shell, "rotate", "main", "--force");
  await run(shell, "fault", "kill", "--method", "put", "--path", "/credentials", "--moment", "effect");
  const killed = await run(shell, "rotate", "main");
  expect(killed).toEqual({ code: null, signal: "SIGKILL", out: "", err: "" });
  const list = await run(shell, "fault");
  expect(list.out).toBe("no faults\n");
  const zone = "/zones/023e105f4ecef8ad9ca31a8372d0c353";
  const configurations = await run(shell, "api", "GET", `${zone}/token_validation/config`);
  expect(JSON.parse(configurations.out).result[0].credentials.keys.length).toBe(2);
  const locked = await run(shell, "rotate", "main", "--json");
  expect([locked.code, JSON.parse(locked.out).errors[0].code]).toEqual([1, "STACK_LOCKED"]);
  await run(shell, "clock", "+3m");
  const next = await run(shell, "rotate", "main", "--cancel-lock");
  expect([next.code, next.out]).toEqual([0, expect.stringContaining("publish k2")]);
  const status = JSON.parse((await run(shell, "status", "--json")).out);
  expect(status.data.rings[0].keys.map((key: { state: string }) => key.state)).toEqual([
    "ACTIVE",
    "PUBLISHED",
  ]);
  shell.remove();
}, 180_000);
