import * as pulumi from "@pulumi/pulumi";
import { ADVANCE_VARIABLE } from "../model/ring/advance.ts";
import { planUpdate } from "../model/update/plan.ts";
import { readSource, stackName } from "./config.ts";
import { readLastOutputs } from "./lastOutputs.ts";
import { deploy } from "./program.ts";

const stack = stackName();
const last = await readLastOutputs(stack);

export const { ledger, definitions, deployed, reports, signers, jwks } = deploy(stack, plan(), last);

/** Nothing is registered when the plan is refused; `RunError` prints its message without a stack. */
function plan() {
  try {
    return planUpdate({ source: readSource, stack, last, advance: process.env[ADVANCE_VARIABLE] });
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}
