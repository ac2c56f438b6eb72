import { randomBytes } from "node:crypto";
import { projectFolder } from "../check/ruleFiles.ts";
import { CommandError } from "../cli/errors.ts";
import type { Io } from "../cli/io.ts";
import { liveState } from "../cloudflare/liveState.ts";
import { AutomationEngine } from "../engine/automation.ts";
import type { RotationWorld, Send } from "./world.ts";

/** How long a probe or a sample may take. */
const TIMEOUT_MS = 15_000;

/** The world of a stack: the lab's where a command runs there, else the `pulumi` CLI, Cloudflare's API, the network. */
export async function openWorld(stack: string | undefined, io: Io): Promise<RotationWorld> {
  if (io.openWorld) return io.openWorld(stack);
  const name = stack ?? io.env.PULUMI_STACK ?? (await AutomationEngine.selected(projectFolder));
  const engine = await AutomationEngine.open({ workDir: projectFolder, stack: name });
  const config = await engine.config();
  const token = io.env.CLOUDFLARE_API_TOKEN ?? (await engine.secretConfig("cloudflare:apiToken"));
  if (!token)
    throw new CommandError("API_TOKEN_MISSING", `${engine.stack} has no token for Cloudflare's API`);
  const baseUrl = io.env.CLOUDFLARE_BASE_URL ?? (config["cloudflare:baseUrl"] as string | undefined);
  const live = liveState({ token, baseUrl });
  return {
    engine,
    now: () => io.now().getTime(),
    edge: send,
    issuer: send,
    secret: async (source) =>
      "env" in source ? io.env[source.env] : await engine.secretConfig(source.secret),
    ...live,
    freshId: () => randomBytes(16).toString("hex"),
  };
}

const send: Send = async (request) => {
  const answer = await fetch(request, { redirect: "manual", signal: AbortSignal.timeout(TIMEOUT_MS) }).catch(
    () => undefined,
  );
  if (answer === undefined) return { status: 0, body: "", pop: "" };
  return {
    status: answer.status,
    body: await answer.text(),
    pop: (answer.headers.get("cf-ray") ?? "").split("-")[1] ?? "",
  };
};
