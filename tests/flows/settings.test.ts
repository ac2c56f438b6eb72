import { afterEach, describe, expect, test } from "vitest";
import { native } from "../support/native.ts";

const { openWorld } = native<typeof import("../support/world.ts")>("tests/support/world.ts");

/** What an `up` of a new stack with these settings says, and how many calls it made. */
async function upWith(config: Record<string, string>) {
  const world = await openWorld({ kind: "asymmetric" });
  // Behind the lab's back, which reads the same settings and would refuse them before the program does.
  Object.assign(world.local.config, config);
  const { ok, diagnostics } = await world.local.runner.up();
  return { ok, said: diagnostics.join("\n"), calls: world.calls.length };
}

describe("the program with settings that do not fit", () => {
  afterEach(() => {
    delete process.env.KEYTURN_RULE;
  });

  test("stops at a mode that does not exist, before any call", async () => {
    expect(await upWith({ "keyturn:mode": "blok" })).toEqual({
      ok: false,
      said: "SETTING_INVALID: keyturn:mode does not fit\n    expected off, log, challenge or block",
      calls: 0,
    });
  });

  test("names every misfit at once", async () => {
    expect(await upWith({ "keyturn:deletable": "ja", "keyturn:mod": "log" })).toEqual({
      ok: false,
      said: "SETTING_INVALID: keyturn:deletable does not fit\n    expected true or false\nSETTING_INVALID: keyturn:mod is not a setting\n    did you mean keyturn:mode?",
      calls: 0,
    });
  });

  test("stops at an environment variable that it does not know", async () => {
    process.env.KEYTURN_RULE = "elsewhere";
    expect(await upWith({})).toEqual({
      ok: false,
      said: "VARIABLE_UNKNOWN: the environment sets KEYTURN_RULE, which keyturn does not know\n    did you mean KEYTURN_RULES?",
      calls: 0,
    });
  });
});
