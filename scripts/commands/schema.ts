import type { Command } from "../cli/command.ts";

/** `keyturn schema`: the JSON Schema of a definition file, for editors. */
export const schema: Command = {
  name: "schema",
  describe: "print the JSON Schema (draft-07) of a definition file, for editors",
  help: { examples: ["schema"], exits: [], environment: [] },
  configure() {},
  async run() {
    const { definitionJsonSchema } = await import("../../model/definition/schema.ts");
    const data = definitionJsonSchema();
    return { data, text: `${JSON.stringify(data, null, 2)}\n` };
  },
};
