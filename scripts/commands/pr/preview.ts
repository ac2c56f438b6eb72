import type { Command, CommandHelp } from "../../cli/command.ts";
import { ofStacks } from "../../cli/environment.ts";

interface PreviewOptions {
  readonly rules?: string;
  readonly project?: string;
  readonly out?: string;
}

const help: CommandHelp = {
  examples: ["pr preview --rules ../pull-request/rules", "pr preview --out report"],
  exits: [],
  environment: [...ofStacks, "KEYTURN_RULES"],
};

/** `keyturn pr preview`: this project's `pulumi preview` over definitions from elsewhere, as part of a comment. */
export const prPreview: Command<PreviewOptions> = {
  name: "pr preview",
  describe:
    "run `pulumi preview` of this project over definitions from another checkout, and say in Markdown what it would change",
  help,
  configure(command) {
    command
      .option("--rules <folder>", "folder of the definitions (KEYTURN_RULES; default: rules/ of the project)")
      .option("--project <folder>", "folder with Pulumi.yaml (default: this project)")
      .option("--out <folder>", "also write preview.md there; an existing file is replaced");
  },
  async run({ options: { rules, project, out } }, io) {
    const [{ previewOf }, { projectFolder }, { usualFolder }] = await Promise.all([
      import("../../pr/preview.ts"),
      import("../../check/ruleFiles.ts"),
      import("../../diff/sides.ts"),
    ]);
    const folder = io.resolvePath(project ?? projectFolder);
    const { text, failures } = previewOf(usualFolder({ rules, project: folder }, io), folder, io.env);
    if (out !== undefined) {
      const { writeInto } = await import("../../pr/files.ts");
      writeInto(io.resolvePath(out), out, { "preview.md": text });
    }
    return { data: { comment: text }, text, failures };
  },
};
