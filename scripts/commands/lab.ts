import type { Command } from "../cli/command.ts";
import { labDestroy, labOutputs, labPreview, labRefresh, labUp } from "./lab/engine.ts";
import { labFault } from "./lab/fault.ts";
import { onLab } from "./lab/onLab.ts";
import { labRequest } from "./lab/request.ts";
import { labApi, labClock, labIssuerCommand } from "./lab/surroundings.ts";

/**
 * `keyturn lab …`: the stack on a local Cloudflare that lies in a folder, for whoever wants to try or rehearse.
 *
 * @param others all other commands; those that work on a stack work in the lab too
 */
export function labCommands(others: readonly Command[]): Command[] {
  return [
    labUp,
    labPreview,
    labRefresh,
    labDestroy,
    labOutputs,
    labRequest,
    labClock,
    labFault,
    labIssuerCommand,
    labApi,
    ...onLab(others),
  ];
}
