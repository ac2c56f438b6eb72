import type { Command } from "../cli/command.ts";

/** `keyturn try`: the example on a local Cloudflare, from deploy to rotation under load; what `npm start` runs. */
export const tryOut: Command = {
  name: "try",
  describe: "deploy the example to a local Cloudflare, send requests, and rotate every ring under load",
  help: { examples: ["try", "try --json"], exits: [], environment: [] },
  configure() {},
  async run({ options }, io) {
    const { runTry } = await import("../../lab/try/try.ts");
    const { json } = options as { readonly json?: boolean };
    // What it does is printed as it goes on; under --json that is for the person who waits.
    const report = await runTry(json ? io.err : io.out);
    const failures = report.problems.map((message) => ({ code: "TRY_FOUND", message }));
    return { data: report, text: "", failures };
  },
};
