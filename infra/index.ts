import * as pulumi from "@pulumi/pulumi";
import { planUpdate } from "../model/update/plan.ts";
import { readSettings } from "./config.ts";
import { readLastOutputs } from "./lastOutputs.ts";
import { deploy } from "./program.ts";

const settings = readSettings();
const last = await readLastOutputs(settings.stack);

const outputs = deploy(settings, plan());

export const ledger = known(outputs.ledger);
export const deployed = known(outputs.deployed);
export const reports = known(outputs.reports);
export const signers = known(outputs.signers);
export const jwks = known(outputs.jwks);

/**
 * In a targeted run, what depends on a new resource that is not targeted is unknown, and the engine would write a
 * mark in the place of the old value, with exit code 0: the ledger would be lost. Refusing keeps every output.
 */
async function known<T>(output: pulumi.Output<T>): Promise<pulumi.Output<T>> {
  const { isKnown } = output as unknown as { readonly isKnown: Promise<boolean> };
  if (pulumi.runtime.isDryRun() || (await isKnown)) return output;
  throw new pulumi.RunError(
    "NOT_REALIZED: this run leaves out a new resource that the ledger depends on (--target, --exclude). The old ledger stays; run the same command again without them",
  );
}

/** Nothing is registered when the plan is refused; `RunError` prints its message without a stack. */
function plan() {
  try {
    return planUpdate({ ...settings, last });
  } catch (error) {
    throw new pulumi.RunError((error as Error).message);
  }
}
