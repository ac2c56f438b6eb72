import assert from "node:assert/strict";
import { MAY_WRITE_SECONDS } from "../../../infra/providers/deadlines.ts";
import { freeLock } from "../../../scripts/rotate/freeLock.ts";
import { rotate } from "../../../scripts/rotate/rotate.ts";
import { ON_STACK, pulumi } from "../cli.ts";
import { killedAt } from "../kill.ts";
import type { Report } from "../report.ts";
import { advanceFor, api, kidsAtCloudflare, makeSecond, plainUp, ringOf, states } from "../steps.ts";
import type { World } from "../world.ts";

const CUSTOM = "/phases/http_request_firewall_custom/entrypoint";
const SECOND = 1000;
const DEADLINE_MS = MAY_WRITE_SECONDS * SECOND;

/** The CLI is killed during the first deploy. */
export async function killedDeployScenarios(report: Report, world: World): Promise<void> {
  const unlock = () => pulumi(world.project, ["cancel", "--yes", "dev"]);

  await report.scenario(
    "CLI killed during the POST of a TokenConfiguration: adopted, no second one",
    async () => {
      const heal = world.edge.faults.add({
        kind: "lostAnswer",
        hang: true,
        method: "POST",
        path: /\/token_validation\/config$/,
        times: 1,
      });
      const killed = await killedAt(
        world,
        "POST of a configuration",
        (call) => call.method === "POST" && call.path.endsWith("/token_validation/config"),
      );
      killed.end();
      heal();
      await unlock();
      const up = await plainUp(world);
      assert.equal(up.code, 0, up.text);
      const found = await api(world, "GET", `/zones/${world.zoneId}/token_validation/config`);
      const owners = (found as { description: string }[]).map(
        (entry) => /\[(.*)\]/.exec(entry.description)?.[1],
      );
      assert.deepEqual(owners.sort(), [
        "keyturn organization/keyturn/dev internal",
        "keyturn organization/keyturn/dev storefront",
      ]);
    },
  );

  await report.scenario(
    "a creation that was interrupted is forgotten by refresh --clear-pending-creates",
    async () => {
      const refresh = await pulumi(world.project, [
        "refresh",
        "--yes",
        "--skip-preview",
        "--clear-pending-creates",
        ...ON_STACK,
      ]);
      assert.equal(refresh.code, 0, refresh.text);
      const up = await plainUp(world, "--expect-no-changes");
      assert.equal(up.code, 0, up.text);
      assert.doesNotMatch(up.text, /pending|interrupted/i);
    },
  );
}

/** The CLI is killed while it creates the rules of a zone that has rules already. */
export async function killedRulesScenarios(report: Report, world: World): Promise<void> {
  await report.scenario(
    "CLI killed during the first PUT of PhaseRules: adopted, every rule once",
    async () => {
      const foreign = { ref: "foreign-1", expression: 'http.request.uri.path eq "/foreign"', action: "log" };
      await api(world, "PUT", `/zones/${world.zoneId}/rulesets${CUSTOM}`, { rules: [foreign] });
      const heal = world.edge.faults.add({
        kind: "lostAnswer",
        hang: true,
        method: "PUT",
        path: CUSTOM,
        times: 1,
      });
      const killed = await killedAt(
        world,
        "PUT of rules",
        (call) => call.method === "PUT" && call.path.endsWith(CUSTOM),
      );
      killed.end();
      heal();
      await pulumi(world.project, ["cancel", "--yes", "dev"]);
      const up = await plainUp(world);
      assert.equal(up.code, 0, up.text);
      const { rules } = await api(world, "GET", `/zones/${world.zoneId}/rulesets${CUSTOM}`);
      const refs = (rules as { ref: string }[]).map((rule) => rule.ref);
      assert.equal(new Set(refs).size, refs.length);
      assert.equal(refs.at(-1), "foreign-1");
      assert.equal(refs.filter((ref) => ref.startsWith("keyturn:dev:")).length, refs.length - 1);
    },
  );
}

/** The CLI is killed while its provider waits to try again; what it left behind lives on. */
export async function killedRetryScenarios(report: Report, base: World): Promise<void> {
  const world = await base.clone();
  const before = await kidsAtCloudflare(world, "storefront");
  let killedSince = 0;
  let killedPid = 0;
  let endOrphans = () => {};
  const isPut = (call: { method: string; path: string }) =>
    call.method === "PUT" && call.path.endsWith("/credentials");

  await report.scenario(
    "a lock left behind: rotate says whose and how old, and does not free it early",
    async () => {
      const made = await makeSecond(world, "storefront");
      assert.equal(made.ok, true, made.diagnostics.join("; "));
      const busy = {
        kind: "status",
        status: 429,
        retryAfter: 20,
        method: "PUT",
        path: "/credentials",
      } as const;
      world.edge.faults.add(busy);
      const publish = await advanceFor(world, "storefront", { kind: "publish", key: "k2" });
      killedSince = Date.now();
      const advance = { KEYTURN_ADVANCE: JSON.stringify(publish) };
      const killed = await killedAt(world, "PUT of keys", isPut, advance);
      killedPid = killed.pid;
      endOrphans = killed.end;
      const lock = await world.engine.lock();
      assert(lock);
      assert.match(lock.who, new RegExp(`^\\S+@\\S+ \\(pid ${killedPid}\\)$`));
      assert.equal(Math.abs(Date.parse(lock.since) - killedSince) < 60 * SECOND, true, lock.since);
      const refused = await rotate(world.rotation);
      assert.equal(refused.refused?.code, "STACK_LOCKED");
      assert.match(refused.refused?.message ?? "", new RegExp(`pid ${killedPid}\\).* since ${lock.since}`));
      const up = await world.engine.up();
      assert.equal(up.ok, false);
      assert.match(up.diagnostics.join(), /^STACK_LOCKED: .*cancel-lock/);
      const early = { ...world.rotation, now: () => Date.now() };
      assert.match(await freeLock(early), /stays/);
      assert.notEqual(await world.engine.lock(), undefined);
    },
  );

  await report.scenario("CLI killed while the provider retries: no write after the deadline", async () => {
    const first = world.calls.find(isPut);
    assert(first);
    const rest = first.arrivedAt + DEADLINE_MS - Date.now();
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, rest)));
    const tries = world.calls.filter(isPut).map((call) => call.arrivedAt - first.arrivedAt);
    assert.equal(tries.length > 1, true, "the provider that was left behind tries again");
    assert.equal(Math.max(...tries) <= 50 * SECOND, true, `tried after ${tries.join(", ")} ms`);
    world.edge.faults.clear();
    const quiet = world.calls.length;
    await new Promise((resolve) => setTimeout(resolve, 25 * SECOND));
    assert.deepEqual(world.calls.slice(quiet), []);
    assert.deepEqual(await kidsAtCloudflare(world, "storefront"), before);
  });

  await report.scenario(
    "a lock past the deadline is freed by rotate --cancel-lock, and the move repeated",
    async () => {
      const late = { ...world.rotation, now: () => Date.now() + 120 * SECOND };
      assert.match(await freeLock(late), new RegExp(`^freed the lock of .*pid ${killedPid}`));
      assert.equal(await world.engine.lock(), undefined);
      assert.equal(states(await ringOf(world, "storefront")), "k1:ACTIVE k2:GENERATED");
      const plain = await world.engine.up();
      assert.equal(plain.ok, true, plain.diagnostics.join("; "));
      assert.deepEqual(await kidsAtCloudflare(world, "storefront"), before);
      const repeated = await rotate(world.rotation, { rings: ["storefront"] });
      assert.equal(repeated.ok, true, JSON.stringify(repeated));
      assert.equal(states(await ringOf(world, "storefront")), "k1:ACTIVE k2:PUBLISHED");
      assert.equal((await kidsAtCloudflare(world, "storefront")).length, 2);
    },
  );
  endOrphans();
  await world.close();
}
