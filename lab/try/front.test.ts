import { constantLag, VirtualClock } from "@keyturn/edge";
import { expect, test } from "vitest";
import { Agenda } from "./agenda.ts";
import type { Credential } from "./credential.ts";
import { emptyTally, type Front, send, useUntilItExpires } from "./front.ts";

const START = 1_000_000;
const credential: Credential = {
  ring: "r",
  kid: "k1",
  from: START,
  until: START + 1000,
  request: { method: "GET", url: "https://api.example.com/" },
};

/** A front door that keeps what came when, and answers as told. */
function front(accepts: (pop: string) => boolean) {
  const clock = new VirtualClock(START);
  const agenda = new Agenda(clock);
  const seen: string[] = [];
  const door: Front = {
    clock,
    agenda,
    pops: [
      { name: "AMS", lag: constantLag(0) },
      { name: "SIN", lag: constantLag(0), clockOffset: -50 },
    ],
    tally: emptyTally(),
    deliver: async (_request, pop) => {
      seen.push(`${pop} ${clock.now() - START}`);
      return { accepted: accepts(pop), status: accepts(pop) ? 200 : 401, problem: "expired" };
    },
  };
  return { door, seen };
}

test("a credential is used at its ends by each place's own clock", async () => {
  const { door, seen } = front(() => true);
  useUntilItExpires(door, credential);
  await door.agenda.finish();
  expect(seen).toEqual([
    "AMS 0",
    "SIN 0",
    "AMS 500",
    "SIN 525",
    "AMS 999",
    "AMS 1000",
    "SIN 1049",
    "SIN 1050",
  ]);
  // At SIN the first use is 50 ms too early; the last at each place is one millisecond too late.
  expect(door.tally).toMatchObject({ sent: 8, valid: 5, refusedValid: 0, invalid: 3, acceptedInvalid: 3 });
});

test("a valid request that is refused is counted and told", async () => {
  const { door } = front((pop) => pop === "AMS");
  await send(door, { ...credential, from: Number.NEGATIVE_INFINITY }, "SIN");
  expect(door.tally).toEqual({
    sent: 1,
    valid: 1,
    refusedValid: 1,
    invalid: 0,
    acceptedInvalid: 0,
    undecided: 0,
    refusals: [
      { ring: "r", kid: "k1", pop: "SIN", at: "1970-01-01T00:16:40.000Z", status: 401, problem: "expired" },
    ],
  });
});

test("what is expected may be something else than the times say", async () => {
  const { door } = front(() => true);
  await send(door, credential, "AMS", "refused");
  await send(door, credential, "AMS", "either");
  expect(door.tally).toMatchObject({ sent: 2, valid: 0, invalid: 1, acceptedInvalid: 1, undecided: 1 });
});
