import { createHash } from "node:crypto";
import type { TestApi } from "../testing.ts";
import { accountId, anyToken, zoneId } from "../testing.ts";

/** One line of the recordings. */
export interface RecordedCall {
  readonly step: string;
  readonly by: string;
  readonly method: string;
  readonly path: string;
  readonly contentType?: string;
  readonly body?: unknown;
  readonly status: number;
  readonly answer: unknown;
}

/** One place where an answer is not the recorded one. Ids and times are written as in the recording. */
export interface SeenDifference {
  readonly line: number;
  /** Method and path, with the numbers of names left out. */
  readonly call: string;
  readonly at: string;
  readonly recorded: string;
  readonly answered: string;
}

const boundary = "recorded-boundary";

/** Replays calls in order and answers every place where status or answer differ after renaming. */
export async function replay(
  test: TestApi,
  calls: readonly RecordedCall[],
): Promise<readonly SeenDifference[]> {
  const names = new Names();
  const differences: SeenDifference[] = [];
  for (const [index, call] of calls.entries()) {
    const body = call.body === undefined ? undefined : names.inBody(call.body);
    const response = await test.api.fetch(
      new Request(`http://edge.test/client/v4${names.inPath(call.path)}`, {
        method: call.method,
        headers: {
          authorization: `Bearer ${anyToken}`,
          ...(call.contentType === undefined
            ? {}
            : { "content-type": call.contentType.replace("<boundary>", boundary) }),
        },
        ...(body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) }),
      }),
    );
    const text = await response.text();
    const answered = typeof call.answer === "string" ? text : parsedOrText(text);
    const found: Omit<SeenDifference, "line" | "call">[] = [];
    if (response.status !== call.status) {
      found.push({ at: "status", recorded: String(call.status), answered: String(response.status) });
    }
    compare(names, "", call.answer, answered, found);
    const line = index + 1;
    const name = `${call.method} ${call.path.replace(/-\d+>/g, ">")}`;
    differences.push(...found.map((each) => ({ line, call: name, ...each })));
  }
  return differences;
}

function parsedOrText(text: string): unknown {
  return text === "" ? undefined : JSON.parse(text);
}

/** The values behind the names in `<…>`. */
class Names {
  readonly #ids = new Map<string, string>([
    ["<account>", accountId],
    ["<zone>", zoneId],
  ]);

  inPath(path: string): string {
    return path.replace(/<[^>]+>/g, (name) => this.#ids.get(name) ?? fail(name));
  }

  inBody(value: unknown): unknown {
    if (typeof value === "string") return value.replace(/<[^>]+>/g, (name) => this.#valueOf(name));
    if (Array.isArray(value)) return value.map((each) => this.inBody(each));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, this.inBody(each)]));
  }

  /** Whether `answered` is what `recorded` says; a name seen first as an `id` is bound to what was answered. */
  isEqual(at: string, recorded: string, answered: string): boolean {
    if (recorded === "<time>") return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(answered);
    if (recorded === "<etag>") return answered.length > 0;
    const isId = /\/(?:id|operation_id)$/.test(at);
    if (isId && /^<[^>]+>$/.test(recorded)) {
      const bound = this.#ids.get(recorded);
      if (bound === undefined) this.#ids.set(recorded, answered);
      return bound === undefined || bound === answered;
    }
    return this.inBody(recorded) === answered;
  }

  #valueOf(name: string): string {
    const secret = /^<secret-(base64url-)?(\d+)>$/.exec(name);
    if (name === "<boundary>") return boundary;
    if (secret === null) return this.#ids.get(name) ?? fail(name);
    const value = createHash("sha256").update(`secret ${secret[2]}`).digest("hex");
    return secret[1] === undefined ? value : Buffer.from(value).toString("base64url");
  }
}

function fail(name: string): never {
  throw new Error(`${name} was used before it was answered`);
}

function compare(
  names: Names,
  at: string,
  recorded: unknown,
  answered: unknown,
  found: Omit<SeenDifference, "line" | "call">[],
): void {
  if (typeof recorded === "string" && typeof answered === "string") {
    if (!names.isEqual(at, recorded, answered)) found.push({ at, recorded, answered: shown(answered) });
    return;
  }
  const isPair =
    typeof recorded === "object" && recorded !== null && typeof answered === "object" && answered !== null;
  if (!isPair) {
    if (recorded !== answered) found.push({ at, recorded: shown(recorded), answered: shown(answered) });
    return;
  }
  const left = recorded as Readonly<Record<string, unknown>>;
  const right = answered as Readonly<Record<string, unknown>>;
  for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) {
    compare(names, `${at}/${key}`, left[key], right[key], found);
  }
}

function shown(value: unknown): string {
  if (value === undefined) return "absent";
  return typeof value === "string" ? value : JSON.stringify(value);
}
