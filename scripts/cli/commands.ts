import { abort } from "../commands/abort.ts";
import { check } from "../commands/check.ts";
import { coverage } from "../commands/coverage.ts";
import { diff } from "../commands/diff.ts";
import { edge } from "../commands/edge.ts";
import { explain } from "../commands/explain.ts";
import { forget } from "../commands/forget.ts";
import { init } from "../commands/init.ts";
import { jwksFetch } from "../commands/jwks/fetch.ts";
import { labCommands } from "../commands/lab.ts";
import { policyTest } from "../commands/policyTest.ts";
import { prPreview } from "../commands/pr/preview.ts";
import { prReport } from "../commands/pr/report.ts";
import { revoke } from "../commands/revoke.ts";
import { rotate } from "../commands/rotate.ts";
import { schema } from "../commands/schema.ts";
import { status } from "../commands/status.ts";
import { tokenExplain } from "../commands/token/explain.ts";
import { tokenSign } from "../commands/token/sign.ts";
import { tokenVerify } from "../commands/token/verify.ts";
import { tryOut } from "../commands/try.ts";
import type { Command } from "./command.ts";

/** In the order of the help. A new command is one file and one line here. */
const own: readonly Command[] = [
  check,
  init,
  policyTest,
  coverage,
  diff,
  prReport,
  prPreview,
  explain,
  schema,
  status,
  rotate,
  revoke,
  abort,
  forget,
  jwksFetch,
  tokenSign,
  tokenVerify,
  tokenExplain,
  edge,
  tryOut,
];

/** Every command. */
export const commands: readonly Command[] = [...own, ...labCommands(own)];
