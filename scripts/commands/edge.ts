import { InvalidArgumentError } from "commander";
import type { Command } from "../cli/command.ts";
import { type ExitCode, exitCodes } from "../cli/exitCodes.ts";

interface EdgeOptions {
  readonly port?: number;
}

/** `keyturn edge`: serves the local Cloudflare until Ctrl-C. */
export const edge: Command<EdgeOptions> = {
  name: "edge",
  describe: "serve the local Cloudflare, API and front door, until Ctrl-C",
  configure(command) {
    command.option("--port <number>", "port on 127.0.0.1; default 8787", port);
  },
  async run({ options }, io): Promise<ExitCode> {
    const { serveLocal } = await import("../../lab/local/serveLocal.ts");
    const served = await serveLocal(options.port ?? 8787, () => io.now().getTime());
    io.out(
      [
        `API         ${served.apiUrl}`,
        `zone        ${served.zones.map((zone) => `${zone.name} ${zone.id}`).join(", ")}`,
        `front door  ${served.url} (send the zone's host in the Host header)`,
        "",
        `export CLOUDFLARE_BASE_URL=${served.apiUrl}`,
        `export CLOUDFLARE_API_TOKEN=${served.token}`,
        "",
      ].join("\n"),
    );
    await new Promise<void>((resolve) =>
      io.signal.addEventListener("abort", () => resolve(), { once: true }),
    );
    await served.close();
    return exitCodes.ok;
  },
};

function port(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 0 || value > 65_535)
    throw new InvalidArgumentError("Write a port from 0 to 65535.");
  return value;
}
