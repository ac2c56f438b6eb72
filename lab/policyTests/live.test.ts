import { type Listening, listen } from "@keyturn/edge";
import { CompactSign } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { fakeIo } from "../../scripts/cli/fakeIo.ts";
import type { Io } from "../../scripts/cli/io.ts";
import { native } from "../../tests/support/native.ts";
import { SHOP } from "../local/local.ts";
import type { Stage } from "../try/stage.ts";

const { commands } = native<typeof import("../../scripts/cli/commands.ts")>("scripts/cli/commands.ts");
const { main } = native<typeof import("../../scripts/cli/program.ts")>("scripts/cli/program.ts");
const { rotateAll } = native<typeof import("../try/rotation.ts")>("lab/try/rotation.ts");
const { createStage } = native<typeof import("../try/stage.ts")>("lab/try/stage.ts");

let stage: Stage;
let server: Listening;
beforeAll(async () => {
  ({ stage } = await createStage());
  await rotateAll(stage);
  await stage.settle();
  server = await listen(stage.local.edge);
}, 120_000);
afterAll(() => server.close());

/** What an issuer's own command would do, with a trace of it on stderr. */
const command: Io["command"] = async (_words, stdin, says) => {
  const { ring: id, claims } = JSON.parse(stdin);
  const ring = stage.definitions.rings.find((each) => each.id === id);
  if (ring?.kind !== "jwt") return { exit: 1, stdout: "" };
  const { active } = await stage.keysOf(ring);
  if (active === undefined) return { exit: 1, stdout: "" };
  const iat = Math.floor(stage.clock.now() / 1000);
  const times = { iss: ring.issuers[0], aud: ring.audiences[0], iat, exp: iat + ring.lifetime };
  const stdout = await new CompactSign(Buffer.from(JSON.stringify({ ...times, ...claims })))
    .setProtectedHeader({ alg: ring.algorithm, kid: active.kid ?? "", typ: "JWT" })
    .sign(active);
  says(`made ${stdout}`);
  return { exit: 0, stdout };
};

test("the example's policy tests hold at a server, but for those that cannot be sent there", async () => {
  const io = fakeIo({ command });
  const argv = ["test", "--project", SHOP, "--live", server.url, "--token-command", "make"];
  const code = await main(argv, io, commands);
  const lines = io.stdout().split("\n");
  expect(lines.filter((line) => !line.startsWith("ok    "))).toEqual([
    "-     reading orders: a token that has expired: not sent, since its token is wrong: expired",
    "-     reading orders: a token of the future: not sent, since its token is wrong: not yet valid",
    "-     reading orders: a token of another issuer: not sent, since its token is wrong: wrong issuer",
    "-     reading orders: a token for another audience: not sent, since its token is wrong: wrong audience",
    "-     reading orders: a token signed by somebody else: not sent, since its token is wrong: foreign key",
    "-     reading orders with the scope: as often as the limit allows: not sent, since it is sent many times",
    "-     reading orders with the scope: once too often: not sent, since it is sent many times",
    "-     writing orders with the scope: not sent, since POST would change something at the origin",
    "-     a file: with a link: not sent, since its link is signed with a secret of downloads",
    "-     a file: with a link of this morning: not sent, since its token or link is from another time",
    "",
  ]);
  const made = /^made \[masked\]\n/gm;
  expect(io.stderr().match(made)).not.toBeNull();
  expect({ code, err: io.stderr().replaceAll(made, "") }).toEqual({
    code: 0,
    err: `${lines.length - 11} of ${lines.length - 11} policy tests as expected at ${server.url}, 10 not sent\n`,
  });
  expect(io.stdout() + io.stderr()).not.toMatch(/eyJ/);
});
