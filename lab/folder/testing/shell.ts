import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commands } from "../../../scripts/cli/commands.ts";
import { fakeIo } from "../../../scripts/cli/fakeIo.ts";
import { main } from "../../../scripts/cli/program.ts";

/** What a command line ended with. */
export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
  /** `data` of the envelope. */
  // biome-ignore lint/suspicious/noExplicitAny: each test says what it reads of it.
  readonly data: any;
  /** Codes of its failures. */
  readonly codes: readonly string[];
}

/** A folder with a project and a lab in it, and a way to type commands there. */
export interface Shell {
  readonly folder: string;
  /** Types `keyturn lab …`, always with --json. */
  lab(...args: readonly string[]): Promise<Ended>;
  /** Writes a definition file of the project, or of another checkout. */
  write(path: string, text: string): void;
  /** Rotates until nothing is left to do now, with the clock moved on to each wait that ends within `days`. */
  settle(days: number): Promise<void>;
  remove(): void;
}

const STACK = `config:
  keyturn:accountId: 0123456789abcdef0123456789abcdef
  keyturn:zones:
    - { id: 023e105f4ecef8ad9ca31a8372d0c353, name: example.com, plan: enterprise, addOns: [api_shield, advanced_rate_limiting] }
  keyturn:samples:
    main: https://auth.example.com/fresh/main
    links: { url: "https://auth.example.com/fresh/links", member: /answer/url }
`;

export const KEYS = `keys:
  main:
    algorithm: HS256
    tokens: { issuer: https://auth.example.com/, audience: api, lifetime: 15m }
    rotation: { every: 30d }
    signer: { output: true }
  links:
    hmac: { parameter: verify, lifetime: 3h, bind: [path] }
    rotation: { every: 30d }
    signer: { output: true }
`;

export const API = `host: api.example.com
tokens: { ring: main, in: [header authorization] }
rules:
  - id: orders
    match: { method: GET, path: /orders/* }
    require: { scope: orders:read }
  - id: jobs
    match: { path: /jobs/* }
    require: { scope: jobs }
    rateLimit: { per: token sub, requests: 2, every: 1m }
  - id: files
    match: { path: /files/* }
    require: { link: links }
`;

/** A project with a token ring and a link ring, both of secrets, and nothing deployed. */
export function openShell(): Shell {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-lab-"));
  const write = (path: string, text: string) => {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  write("Pulumi.dev.yaml", STACK);
  write("rules/keys.yaml", KEYS);
  write("rules/api.yaml", API);
  const lab = async (...args: readonly string[]): Promise<Ended> => {
    const io = fakeIo({ resolvePath: (path) => join(folder, path) });
    const code = await main(["lab", ...args, "--json"], io, commands);
    const { data, errors = [] } = JSON.parse(io.stdout());
    return {
      code,
      out: io.stdout(),
      err: io.stderr(),
      data,
      codes: errors.map((each: { code: string }) => each.code),
    };
  };
  return {
    folder,
    lab,
    write,
    async settle(days) {
      const end = Date.parse((await lab("clock")).data.now) + days * 86_400_000;
      for (let turn = 0; turn < 40; turn += 1) {
        const { data } = await lab("rotate");
        const waits = data.rings.map((ring: { decision: { step: string; until?: string } }) =>
          ring.decision.step === "wait" ? Date.parse(ring.decision.until ?? "") : 0,
        );
        const next = Math.min(...waits);
        if (next > end) return;
        if (next > 0) await lab("clock", new Date(next).toISOString());
      }
      throw new Error("the rings do not come to rest");
    },
    remove: () => rmSync(folder, { recursive: true }),
  };
}
