import { STOCK_RESOURCES } from "../../../../scripts/engine/inprocess/stock/cloudflare.ts";
import { restProvider } from "../../../../scripts/engine/inprocess/stock/restResource.ts";
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
