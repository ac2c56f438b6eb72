import * as pulumi from "@pulumi/pulumi";
import { planUpdate } from "../model/update/plan.ts";
import { readSettings } from "./config.ts";
import { readLastOutputs } from "./lastOutputs.ts";
import { deploy } from "./program.ts";

const settings = readSettings();
const last = await readLastOutputs(settings.stack);

export const { ledger, deployed, reports, signers, jwks } = deploy(settings, plan(), last);

/** Nothing is registered when the plan is refused; `RunError` prints its message without a stack. */
function plan() {
  try {
    return planUpdate({ ...settings, last });
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}
