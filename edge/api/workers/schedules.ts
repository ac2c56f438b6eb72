import { z } from "zod";
import { jsonBody } from "../body.ts";
import { type Problem, problem, refuseIfAny } from "../errors.ts";
import { ok, type Reply } from "../reply.ts";
import { type AccountCall, accountRoute, type Route } from "../route.ts";
import type { WorkerScript } from "../store.ts";
import { scriptOf, scriptsOf } from "./scripts.ts";

const path = "/workers/scripts/:script_name/schedules";

/** `A/workers/scripts/{name}/schedules`: cron triggers; PUT replaces all of them. */
export const scheduleRoutes: readonly Route[] = [
  accountRoute("GET", path, "workers", (call) => answer(scriptOf(call))),
  accountRoute("PUT", path, "workers", write),
];

const field = "[0-9A-Za-z*#]+(?:[-,/][0-9A-Za-z*#]+)*";
/** Five fields in UTC (developers.cloudflare.com: Workers, cron triggers). */
const cronForm = new RegExp(`^${Array.from({ length: 5 }, () => field).join(" +")}$`);

function answer(script: WorkerScript): Reply {
  return ok({ schedules: script.schedules });
}

function write(call: AccountCall): Reply {
  const script = scriptOf(call);
  const body = jsonBody(
    call.body,
    z.array(z.object({ cron: z.string().max(256).regex(cronForm, "must have five fields") })),
  );
  const others = [...scriptsOf(call).values()].filter((each) => each.name !== script.name);
  const count = others.reduce((sum, each) => sum + each.schedules.length, body.length);
  const limit = call.limit("cronTriggers");
  const problems: Problem[] =
    count > limit ? [problem("tooMany", { what: "cron triggers", count, limit })] : [];
  refuseIfAny(problems);
  const now = call.world.timestamp();
  const schedules = body.map(({ cron }) => ({
    cron,
    created_on: script.schedules.find((each) => each.cron === cron)?.created_on ?? now,
    modified_on: now,
  }));
  const changed = { ...script, schedules };
  scriptsOf(call).set(script.name, changed);
  return answer(changed);
}
