import { type CheckContext, check, compileFilter, parse, RequestFields } from "@keyturn/edge/language";
import { predicates } from "./languagePredicates.ts";
import { requestInputs } from "./languageRequests.ts";

/** One line of the table: nanoseconds per evaluation, compiled and by hand, and compiled through by hand. */
export interface LanguageRow {
  readonly expression: string;
  readonly compiledNs: number;
  readonly handNs: number;
  readonly ratio: number;
}

export interface LanguageBench {
  readonly rows: readonly LanguageRow[];
  readonly medianRatio: number;
  /** Parsing and checking one expression of 4,096 characters, milliseconds, median. */
  readonly parseAndCheckMs: number;
}

const context: CheckContext = {
  phase: "http_request_firewall_custom",
  plan: "enterprise",
  addOns: ["api_shield", "advanced_rate_limiting"],
};

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] as number;
}

type Predicate = (request: RequestFields) => boolean;

/** Nanoseconds for one evaluation over requests that no one has read from before. */
function timed(predicate: Predicate, requests: readonly RequestFields[]): { ns: number; hits: number } {
  let hits = 0;
  const start = process.hrtime.bigint();
  for (const request of requests) if (predicate(request)) hits++;
  return { ns: Number(process.hrtime.bigint() - start) / requests.length, hits };
}

function fresh(count: number): RequestFields[] {
  const inputs = requestInputs();
  return Array.from({ length: count }, (_, index) => {
    return new RequestFields(inputs[index % inputs.length] as (typeof inputs)[number]);
  });
}

/** Warm requests are read over and over, so that maps and JSON documents are there: only the operators are left. */
function compare(compiled: Predicate, hand: Predicate, rounds: number, isWarm: boolean) {
  const size = 4096;
  const own: number[] = [];
  const theirs: number[] = [];
  let requests = fresh(size);
  for (let round = 0; round < rounds; round++) {
    if (!isWarm) requests = fresh(size);
    const otherRequests = isWarm ? requests : fresh(size);
    const pair = round % 2 === 0 ? [compiled, hand] : [hand, compiled];
    const results = [timed(pair[0] as Predicate, requests), timed(pair[1] as Predicate, otherRequests)];
    const [a, b] = (round % 2 === 0 ? results : results.reverse()) as [
      (typeof results)[0],
      (typeof results)[0],
    ];
    if (a.hits !== b.hits) throw new Error(`the predicates disagree: ${a.hits} and ${b.hits} of ${size}`);
    own.push(a.ns);
    theirs.push(b.ns);
  }
  return { compiledNs: median(own.slice(rounds >> 2)), handNs: median(theirs.slice(rounds >> 2)) };
}

function longest(): string {
  const term = (index: number) =>
    `(http.host eq "api${index}.example.com" and starts_with(http.request.uri.path, "/v${index}/") and not http.request.method in {"GET" "HEAD"})`;
  const terms: string[] = [];
  while ([...terms, term(terms.length)].join(" or ").length <= 4096) terms.push(term(terms.length));
  const text = terms.join(" or ");
  return `${text}${" ".repeat(4096 - text.length)}`;
}

function parseAndCheck(): number {
  const source = longest();
  const times: number[] = [];
  for (let round = 0; round < 200; round++) {
    const start = process.hrtime.bigint();
    const problems = check(parse(source), context);
    times.push(Number(process.hrtime.bigint() - start) / 1e6);
    if (problems.length > 0) throw new Error("the longest expression does not pass the check");
  }
  return median(times);
}

/** Runs the comparison. `isWarm`: over requests whose maps are built and whose JSON is parsed. */
export function benchLanguage(rounds = 40, isWarm = false): LanguageBench {
  const rows = predicates.map(({ expression, byHand }) => {
    const compiled = compileFilter(parse(expression));
    const { compiledNs, handNs } = compare(compiled, byHand, rounds, isWarm);
    return { expression, compiledNs, handNs, ratio: compiledNs / handNs };
  });
  return { rows, medianRatio: median(rows.map((row) => row.ratio)), parseAndCheckMs: parseAndCheck() };
}

/** The table as text. */
export function languageTable(bench: LanguageBench): string {
  const line = (row: LanguageRow) =>
    `${row.compiledNs.toFixed(1).padStart(9)} ${row.handNs.toFixed(1).padStart(9)} ${row.ratio.toFixed(2).padStart(6)}  ${row.expression}`;
  return [
    " compiled   by hand  ratio  (ns per evaluation)",
    ...bench.rows.map(line),
    `median ratio of ${bench.rows.length} expressions: ${bench.medianRatio.toFixed(2)}`,
    `parse and check 4,096 characters: ${bench.parseAndCheckMs.toFixed(2)} ms`,
  ].join("\n");
}

if (import.meta.main) {
  process.stdout.write(`each request evaluated once\n${languageTable(benchLanguage())}\n\n`);
  process.stdout.write(`maps built, JSON parsed\n${languageTable(benchLanguage(40, true))}\n`);
}
