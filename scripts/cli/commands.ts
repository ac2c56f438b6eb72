import { check } from "../commands/check.ts";
import { explain } from "../commands/explain.ts";
import { tokenExplain } from "../commands/token/explain.ts";
import { tokenSign } from "../commands/token/sign.ts";
import { tokenVerify } from "../commands/token/verify.ts";
import type { Command } from "./command.ts";

/** Every command, in the order of the help. A new command is one file and one line here. */
export const commands: readonly Command[] = [check, explain, tokenSign, tokenVerify, tokenExplain];
