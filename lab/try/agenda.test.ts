import { VirtualClock } from "@keyturn/edge";
import { expect, test } from "vitest";
import { Agenda } from "./agenda.ts";

function watched(start = 1000) {
  const clock = new VirtualClock(start);
  const agenda = new Agenda(clock);
  const seen: string[] = [];
  const note = (name: string) => () => void seen.push(`${name} at ${clock.now()}`);
  return { clock, agenda, seen, note };
}

test("everything due happens at its own instant, in the order of time and then of entry", async () => {
  const { clock, agenda, seen, note } = watched();
  agenda.add(1300, note("c"));
  agenda.add(1100, note("a"));
  agenda.add(1300, note("d"));
  agenda.add(1200, note("b"));
  agenda.add(1301, note("not yet"));
  await agenda.until(1300);
  expect(seen).toEqual(["a at 1100", "b at 1200", "c at 1300", "d at 1300"]);
  expect(clock.now()).toBe(1300);
});

test("what is late happens at the next chance, and the clock never goes back", async () => {
  const { clock, agenda, seen, note } = watched();
  agenda.add(500, note("late"));
  await agenda.until(900);
  expect([seen, clock.now()]).toEqual([["late at 1000"], 1000]);
});

test("an entry may add others that are due before the end", async () => {
  const { agenda, seen, note } = watched();
  agenda.add(1100, () => agenda.add(1150, note("child")));
  await agenda.pass(200);
  expect(seen).toEqual(["child at 1150"]);
});

test("calls that overlap pass one after the other", async () => {
  const { clock, agenda, seen, note } = watched();
  agenda.add(1050, note("first"));
  agenda.add(1150, note("second"));
  await Promise.all([agenda.pass(100), agenda.pass(100)]);
  expect(seen).toEqual(["first at 1050", "second at 1150"]);
  expect(clock.now()).toBe(1200);
});

test("finishing runs all that is left, what is added on the way included", async () => {
  const { clock, agenda, seen, note } = watched();
  agenda.add(2000, () => agenda.add(3000, note("grandchild")));
  agenda.add(2500, note("child"));
  await agenda.finish();
  expect(seen).toEqual(["child at 2500", "grandchild at 3000"]);
  expect(clock.now()).toBe(3000);
});

test("a failure reaches the caller", async () => {
  const { agenda } = watched();
  agenda.add(1001, () => Promise.reject(new Error("broken")));
  await expect(agenda.pass(1)).rejects.toThrow("broken");
});
