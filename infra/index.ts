import * as pulumi from "@pulumi/pulumi";
import { planUpdate } from "../model/update/plan.ts";
import { readSource, stackName, variables } from "./config.ts";
import { readLastOutputs } from "./lastOutputs.ts";
import { deploy } from "./program.ts";

const stack = stackName();
const last = await readLastOutputs(stack);

/** The stack's outputs. As names of their own one that is left out would be an undefined output. */
export default deploy(stack, plan(), last);

/** Nothing is registered when the plan is refused; `RunError` prints its message without a stack. */
function plan() {
  try {
    const said = variables();
    const { advance, confirm } = said;
    return planUpdate({ source: () => readSource(said), stack, last, advance, confirm });
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}
