import { hostFor } from "../../../model/definition/hostNames.ts";
import type { Definitions } from "../../../model/definition/types.ts";
import { replyMisfits } from "../../../model/policyTests/reply.ts";
import type { PolicyTest } from "../../../model/policyTests/types.ts";
import { carried } from "../../token/signJwt.ts";
import { answerText } from "../words.ts";
import type { edgeAnswersOf } from "./edgeAnswers.ts";
import { isLoopback } from "./loopback.ts";
import { notSent } from "./sendable.ts";
import { type LiveAnswer, type LiveRequest, sendRequest } from "./sendRequest.ts";
import type { TokenMaker } from "./tokenCommand.ts";

export interface LiveInput {
  readonly tests: readonly PolicyTest[];
  readonly definitions: Definitions;
  /** Scheme, host and port. */
  readonly server: URL;
  /** Which answers are the edge's. */
  readonly isEdges: ReturnType<typeof edgeAnswersOf>;
  /** Left out: rows with a token are not sent. */
  readonly tokens?: TokenMaker;
  readonly signal: AbortSignal;
}

/** One test and what became of it. Which rule decided is not seen from outside. */
export interface LiveResult {
  readonly test: PolicyTest;
  readonly outcome: "ok" | "failed" | "not sent";
  /** What came back, or why nothing was sent or came. */
  readonly said: string;
}

/** Sends policy tests to a real host, one after the other. */
export async function runLive(input: LiveInput): Promise<readonly LiveResult[]> {
  const { tests, server, tokens } = input;
  const host = isLoopback(server) ? undefined : server.hostname;
  const results: LiveResult[] = [];
  for (const test of tests) {
    const reason = notSent(test, host, tokens !== undefined);
    if (reason !== undefined) results.push({ test, outcome: "not sent", said: reason });
    else
      results.push({
        test,
        ...judged(test, await sendRequest(server, await requestOf(test, input), input.signal), input),
      });
  }
  return results;
}

async function requestOf(test: PolicyTest, { definitions, tokens }: LiveInput): Promise<LiveRequest> {
  const { method, host, path, token } = test;
  const headers: [string, string][] = Object.entries(test.headers);
  if (token !== undefined && tokens !== undefined) {
    const use = hostFor(host, definitions.hosts)?.tokens.find(({ ring }) => ring === token.ring);
    const source = use?.sources[0] ?? { kind: "header" as const, name: "authorization" };
    const [name, value] = carried(source, await tokens(token.ring, token.claims));
    headers.push([name, value]);
  }
  return { method, host, path, headers };
}

function judged(
  { method, expected }: PolicyTest,
  answer: LiveAnswer,
  { isEdges }: LiveInput,
): Omit<LiveResult, "test"> {
  if ("reason" in answer) return { outcome: "failed", said: answer.reason };
  const { status, headers, body } = answer;
  const refused = isEdges(answer, method);
  const contentType = [headers["content-type"]].flat()[0];
  const misfits =
    refused && expected.reply !== undefined ? replyMisfits(expected.reply, { contentType, body }) : [];
  const ok = refused ? expected.status === status && misfits.length === 0 : expected.status === "passes";
  const who = refused ? "a rule" : "the origin";
  return { outcome: ok ? "ok" : "failed", said: answerText(`${status} from ${who}`, misfits) };
}
