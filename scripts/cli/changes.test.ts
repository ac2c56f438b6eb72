import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { changesIn } from "./changes.ts";

const folder = mkdtempSync(join(tmpdir(), "keyturn-changes-"));
mkdirSync(join(folder, "rules", "shop"), { recursive: true });
afterAll(() => rmSync(folder, { recursive: true }));

test("changes of YAML files are told until the signal, those that come together once", async () => {
  const end = new AbortController();
  const write = (name: string) => writeFileSync(join(folder, name), "x: 1\n");
  const pauses: string[] = [];
  const changes = changesIn(
    [
      { folder: join(folder, "rules"), below: true },
      { folder, below: false },
    ],
    end.signal,
    async () => {
      pauses.push("pause");
    },
  );
  for (const name of ["rules/shop/api.yaml", "Pulumi.dev.yaml"]) {
    const next = changes.next();
    write(`rules/notes.txt`);
    write(name);
    expect(await next).toEqual({ value: undefined, done: false });
  }
  expect(pauses).toEqual(["pause", "pause"]);
  end.abort();
  expect(await changes.next()).toEqual({ value: undefined, done: true });
});

test("whoever waits is let go by the signal", async () => {
  const end = new AbortController();
  const next = changesIn([{ folder, below: false }], end.signal, async () => undefined).next();
  end.abort();
  expect(await next).toEqual({ value: undefined, done: true });
});

test("a folder that is not there is told", () => {
  const absent = join(folder, "absent");
  expect(() =>
    changesIn([{ folder: absent, below: true }], AbortSignal.abort(), async () => undefined),
  ).toThrow(`${absent} cannot be watched (ENOENT)`);
});
