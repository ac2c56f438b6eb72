import { STOCK_RESOURCES } from "../../../../lab/engine/stock/cloudflare.ts";
import { restProvider } from "../../../../lab/engine/stock/restResource.ts";
import { packageVersion } from "../packageVersion.ts";
import { realSurroundings, serveStandIn } from "../standIn.ts";

const SECRET_OUTPUTS = ["value"];

const around = realSurroundings();
await serveStandIn(
  packageVersion("@pulumi/cloudflare"),
  Object.fromEntries(
    STOCK_RESOURCES.map((row) => [
      row.type,
      { provider: restProvider(row, around), secretOutputs: SECRET_OUTPUTS },
    ]),
  ),
);
