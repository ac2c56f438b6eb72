import type { ZoneSpec } from "@keyturn/edge";
import { createEdge, listen, uniformLag } from "@keyturn/edge";
import { LOCAL_API_TOKEN } from "./cloudflare.ts";
import { localZones } from "./local.ts";

/** A local Cloudflare that listens, in real time, with the zones of `Pulumi.dev.yaml`. */
export interface ServedEdge {
  readonly apiUrl: string;
  readonly url: string;
  readonly token: string;
  readonly zones: readonly ZoneSpec[];
  close(): Promise<void>;
}

/** Serves on 127.0.0.1; three points of presence learn of a change within seconds. */
export async function serveLocal(port: number, now: () => number): Promise<ServedEdge> {
  const zones = localZones();
  const edge = createEdge({
    clock: { now },
    zones,
    pops: [
      { name: "AMS", lag: uniformLag(0, 200) },
      { name: "SIN", lag: uniformLag(200, 2000) },
      { name: "GRU", lag: uniformLag(500, 5000) },
    ],
    api: { tokens: { [LOCAL_API_TOKEN]: { permissions: "all" } } },
    wait: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  });
  const listening = await listen(edge, { port });
  return {
    apiUrl: listening.apiUrl,
    url: listening.url,
    token: LOCAL_API_TOKEN,
    zones,
    close: listening.close,
  };
}
