import { InvalidArgumentError } from "commander";
import type { Command } from "../cli/command.ts";

interface EdgeOptions {
  readonly port?: number;
}

/** `keyturn edge`: serves the local Cloudflare until Ctrl-C. */
export const edge: Command<EdgeOptions> = {
  name: "edge",
  describe: "serve the local Cloudflare, API and front door, until Ctrl-C",
  help: { examples: ["edge", "edge --port 0 --json"], exits: [], environment: [] },
  configure(command) {
    command.option("--port <number>", "port on 127.0.0.1; 0 takes a free one; default 8787", port);
  },
  async run({ options }, io) {
    const { serveLocal } = await import("../../lab/local/serveLocal.ts");
    const served = await serveLocal(options.port ?? 8787, () => io.now().getTime());
    const { apiUrl, url, token, zones } = served;
    const text = [
      `API         ${apiUrl}`,
      `zone        ${zones.map((zone) => `${zone.name} ${zone.id}`).join(", ")}`,
      `front door  ${url} (send the zone's host in the Host header)`,
      "",
      `export CLOUDFLARE_BASE_URL=${apiUrl}`,
      `export CLOUDFLARE_API_TOKEN=${token}`,
      "",
    ].join("\n");
    return {
      data: { apiUrl, url, token, zones: zones.map(({ id, name }) => ({ id, name })) },
      text,
      serve: async () => {
        await interrupted(io.signal);
        await served.close();
      },
    };
  },
};

function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError("Write a port from 0 to 65535.");
  return value;
}
