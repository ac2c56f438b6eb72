import { readSettings } from "./config.ts";
import { readLastOutputs } from "./lastOutputs.ts";
import { deploy, plan } from "./program.ts";

const settings = readSettings();
const planned = plan(settings, await readLastOutputs(settings.stack));

export const { ledger, reports, signers, jwks } = deploy(settings, planned);
