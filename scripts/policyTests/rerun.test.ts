import { expect, test } from "vitest";
import { CommandError } from "../cli/errors.ts";
import { fakeIo } from "../cli/fakeIo.ts";
import { rerun } from "./rerun.ts";

test("runs now and at each change, and goes on after what cannot be done", async () => {
  const io = fakeIo();
  const runs = [
    async () => ({ data: null, text: "first\n" }),
    async () => {
      throw new CommandError("FILE_UNREADABLE", "rules cannot be read");
    },
    async () => ({ data: null, text: "third\n" }),
  ];
  async function* changes() {
    yield;
    yield;
  }
  await rerun(() => runs.shift()?.() ?? Promise.reject(new Error("once too often")), changes(), io);
  expect(runs).toEqual([]);
  expect(io.stdout()).toBe("first\nthird\n");
  expect(io.stderr()).toBe(
    [
      "waiting for a change; Ctrl-C ends\n",
      "error FILE_UNREADABLE: rules cannot be read\n",
      "  Check the path and its permissions; paths are relative to the current folder.\n",
      "waiting for a change; Ctrl-C ends\n",
      "waiting for a change; Ctrl-C ends\n",
    ].join(""),
  );
});
