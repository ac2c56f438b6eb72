import { expect, test } from "vitest";
import { native } from "../../tests/support/native.ts";

const { openShell } = native<typeof import("./testing/shell.ts")>("lab/folder/testing/shell.ts");

test("a mode becomes harder on its dates without anybody deploying", { timeout: 120_000 }, async () => {
  const shell = openShell();
  try {
    const { lab, write } = shell;
    const now = Date.parse((await lab("clock")).data.now);
    const after = (hours: number) => `${new Date(now + 3_600_000 * hours).toISOString().slice(0, 19)}Z`;
    write(
      "rules/keys.yaml",
      "host: api.example.com\nrules:\n" +
        `  - { id: shut, match: { path: /shut }, expression: 'http.request.method eq "GET"', mode: { first: log, challenge: ${after(24)}, block: ${after(48)} } }\n`,
    );
    write("rules/api.yaml", "");
    expect((await lab("up", "--rules", "rules")).codes).toEqual([]);
    const seen = async () => {
      const { data } = await lab("request", "GET", "https://api.example.com/shut");
      return `${data.status} ${data.decidedBy?.action ?? "origin"}`;
    };
    const verdicts = [await seen()];
    for (const moment of [after(24), after(48)]) {
      await lab("clock", new Date(Date.parse(moment) - 1000).toISOString());
      verdicts.push(await seen());
      await lab("clock", moment);
      verdicts.push(await seen());
    }
    expect(verdicts).toEqual([
      "200 origin",
      "200 origin",
      "403 managed_challenge",
      "403 managed_challenge",
      "403 block",
    ]);
  } finally {
    shell.remove();
  }
});
