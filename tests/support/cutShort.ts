import type { Moment, Saved, World } from "./world.ts";

/** Does `act` and answers what had been written by the first moment that `at` names. */
export async function cutShort(
  world: World,
  act: () => Promise<unknown>,
  at: (moment: Moment, method: string, path: string) => boolean,
): Promise<Saved> {
  const seen: Saved[] = [];
  world.onMoment = (moment, { method, path }) => {
    if (at(moment, method, path)) seen.push(world.save());
    return undefined;
  };
  await act();
  world.onMoment = () => undefined;
  const [saved] = seen;
  if (saved === undefined) throw new Error("the run did not come by that moment");
  return saved;
}
