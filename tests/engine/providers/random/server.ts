import { RANDOM_RESOURCES, RANDOM_SECRETS } from "../../../../lab/engine/stock/random.ts";
import { packageVersion } from "../packageVersion.ts";
import { realSurroundings, serveStandIn } from "../standIn.ts";

const around = realSurroundings();
await serveStandIn(
  packageVersion("@pulumi/random"),
  Object.fromEntries(
    Object.entries(RANDOM_RESOURCES).map(([type, make]) => [
      type,
      { provider: make(around), secretOutputs: RANDOM_SECRETS[type] ?? [] },
    ]),
  ),
);
