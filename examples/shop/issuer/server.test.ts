import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { describe, expect, it } from "vitest";

describe("node examples/issuer/server.ts", () => {
  it("serves tokens of the declared rings with the keys of a file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "keyturn-issuer-"));
    const file = join(folder, "signers.json");
    const k = Buffer.from("p".repeat(64)).toString("base64url");
    await writeFile(
      file,
      JSON.stringify({ internal: { active: { kty: "oct", k, kid: "h1", alg: "HS256" } } }),
    );
    const child = spawn(process.execPath, [join(import.meta.dirname, "server.ts")], {
      env: { PATH: process.env.PATH, ISSUER_SIGNERS_FILE: file, ISSUER_PORT: "0", ISSUER_PASSWORD: "pw" },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    try {
      const first = await firstLine(child.stderr);
      const address = /^issuer at (http:\/\/127\.0\.0\.1:\d+), user demo$/.exec(first ?? "")?.[1];
      expect(address, first).toBeDefined();
      const sample = await fetch(`${address}/sample/internal`);
      expect(sample.status).toBe(200);
      const { token } = (await sample.json()) as { token: string };
      expect(JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString())).toMatchObject({
        iss: "https://services.example.com/",
        aud: "internal-api",
      });
      expect((await fetch(`${address}/sample/storefront`)).status).toBe(503);
    } finally {
      child.kill("SIGTERM");
      expect(await ended).toBe(0);
      await rm(folder, { recursive: true, force: true });
    }
  });
});

async function firstLine(stream: NodeJS.ReadableStream): Promise<string | undefined> {
  for await (const line of createInterface({ input: stream })) return line;
  return undefined;
}
