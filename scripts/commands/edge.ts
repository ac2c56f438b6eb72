import { InvalidArgumentError } from "commander";
import type { Command } from "../cli/command.ts";
import { CommandError } from "../cli/errors.ts";

interface EdgeOptions {
  readonly port?: number;
}

/** `keyturn edge`: serves the local Cloudflare until it is interrupted. */
export const edge: Command<EdgeOptions> = {
  name: "edge",
  describe: "serve the local Cloudflare, API and front door, until Ctrl-C or SIGTERM",
  help: { examples: ["edge", "edge --port 0 --json"], exits: [], environment: [] },
  configure(command) {
    command.option("--port <number>", "port on 127.0.0.1; 0 takes a free one; default 8787", port);
  },
  async run({ options }, io) {
    const { serveLocal } = await import("../../lab/local/serveLocal.ts");
    const wanted = options.port ?? 8787;
    const served = await serveLocal(wanted, () => io.now().getTime()).catch((error: unknown) => {
      throw portProblem(wanted, error) ?? error;
    });
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

/** What is wrong with the port, if that is why nothing listens. */
function portProblem(wanted: number, error: unknown): CommandError | undefined {
  const { code } = error instanceof Error ? (error as NodeJS.ErrnoException) : {};
  if (code === "EADDRINUSE") {
    return new CommandError("PORT_UNAVAILABLE", `port ${wanted} of 127.0.0.1 is in use by another process`);
  }
  if (code === "EACCES") {
    return new CommandError("PORT_UNAVAILABLE", `this user may not listen on port ${wanted} of 127.0.0.1`);
  }
  return undefined;
}

function interrupted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
}

function port(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > 65_535) throw new InvalidArgumentError("Write a port from 0 to 65535.");
  return value;
}
