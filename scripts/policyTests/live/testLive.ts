import { assumedRingStates, compileZones } from "../../../model/compile/compile.ts";
import { readPolicyTests } from "../../../model/policyTests/read.ts";
import { errorsOf, ProblemError } from "../../../model/problem/problem.ts";
import { definitionsOf, type PolicySource } from "../../check/policies.ts";
import type { RuleFile } from "../../check/ruleFiles.ts";
import type { Answer } from "../../cli/command.ts";
import { CommandError } from "../../cli/errors.ts";
import type { Io } from "../../cli/io.ts";
import type { TestRow } from "../formats.ts";
import { expectedText } from "../words.ts";
import { edgeAnswersOf } from "./edgeAnswers.ts";
import { runLive } from "./live.ts";
import { tokenCommand } from "./tokenCommand.ts";

export interface LiveOptions extends PolicySource {
  readonly files: readonly RuleFile[];
  readonly server: URL;
  /** Command that makes tokens. */
  readonly tokenCommand: string | undefined;
}

/**
 * Sends policy tests to a real host.
 *
 * @returns the answer without its text, and the rows that it is made of
 * @throws CommandError, or ProblemError with every problem of the definitions or of the tests
 */
export async function testLive(
  { files, server, ...source }: LiveOptions,
  io: Io,
): Promise<Omit<Answer, "text"> & { readonly rows: readonly TestRow[] }> {
  const { definitions, environment } = await definitionsOf(source, io);
  const { tests, problems } = readPolicyTests(files, definitions, environment.hosts);
  if (errorsOf(problems).length > 0) throw new ProblemError(problems);
  const results = await runLive({
    tests,
    definitions,
    server,
    isEdges: edgeAnswersOf(compileZones(definitions, environment, assumedRingStates(definitions))),
    ...(source.tokenCommand === undefined ? {} : { tokens: tokenCommand(source.tokenCommand, io) }),
    signal: io.signal,
  });
  if (io.signal.aborted) throw new CommandError("CANCELLED", "interrupted while sending policy tests");
  const count = (outcome: TestRow["outcome"]) => results.filter((each) => each.outcome === outcome).length;
  const sent = results.length - count("not sent");
  const counted = `${count("ok")} of ${sent} policy tests as expected at ${server.origin}, ${count("not sent")} not sent`;
  io.err(`${counted}\n`);
  const rows = results.map(
    ({ test, outcome, said }): TestRow => ({
      test,
      outcome,
      said: outcome === "failed" ? `expected ${expectedText(test.expected)}; ${said}` : said,
    }),
  );
  return {
    rows,
    data: {
      tests: results.map(({ test: { name, at, expected }, outcome, said }) => ({
        name,
        ...at,
        expected,
        outcome,
        said,
      })),
    },
    // Where nothing was sent, nothing was tested.
    failures: count("ok") === sent && sent > 0 ? [] : [{ code: "TEST_FAILED", message: counted }],
  };
}
