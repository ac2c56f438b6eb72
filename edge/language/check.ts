import type { AddOn, Plan } from "../world/types.ts";
import { type CallNode, type ComparisonNode, type Expression, isLiteral, type Node } from "./ast.ts";
import { fieldGap, functionGap, type Surroundings } from "./availability.ts";
import { type Choices, chosen } from "./choices.ts";
import { operatorRows } from "./comparisons.ts";
import { FIELDS } from "./fields.ts";
import { infer } from "./infer.ts";
import { compareIp, networkOf } from "./ip.ts";
import { LIMITS, type LimitName } from "./limits.ts";
import type { Use } from "./places.ts";
import { type ExpressionProblem, type ProblemCode, type ProblemDetail, problemsIn } from "./problems.ts";
import { nearest } from "./suggest.ts";
import type { Type } from "./values.ts";

/** Where an expression is to stand. */
export interface CheckContext {
  readonly phase: string;
  readonly plan: Plan;
  readonly addOns: readonly AddOn[];
  /**
   * `filter` (default): a rule's expression. `counting`: a counting expression of a rate limiting rule, which may
   * read the response. `characteristic`: one characteristic of such a rule. `value`: a dynamic header value.
   */
  readonly use?: Use;
  /** Types that the whole expression may yield; default by `use`. */
  readonly result?: Type | readonly Type[];
  /** Names usable as `$name`; not checked when absent. */
  readonly lists?: readonly string[];
  /** Ids of token configurations that exist; not checked when absent. */
  readonly tokenConfigurations?: readonly string[];
  /** Overrides of `LIMITS`, by name. */
  readonly limits?: Partial<Readonly<Record<LimitName, number>>>;
  readonly choices?: Partial<Choices>;
}

const resultTypes: Readonly<Record<Use, readonly Type[]>> = {
  filter: ["Bool"],
  counting: ["Bool"],
  characteristic: ["String", "Integer", "IP", "Bool", "Array<String>", "Array<Integer>", "Bytes"],
  value: ["String"],
};

const claimsField = "http.request.jwt.claims";

class Checker {
  readonly problems: ExpressionProblem[] = [];
  readonly #expression: Expression;
  readonly #context: CheckContext;
  readonly #surroundings: Surroundings;
  readonly #problem: ReturnType<typeof problemsIn>;

  constructor(expression: Expression, context: CheckContext) {
    this.#expression = expression;
    this.#context = context;
    this.#problem = problemsIn(expression.source);
    this.#surroundings = { ...context, use: context.use ?? "filter", choices: chosen(context.choices) };
  }

  run(): void {
    const inference = infer(this.#expression, {
      field: (row, node) => {
        const gap = fieldGap(row, this.#surroundings);
        if (gap !== undefined) this.#report("FIELD_NOT_AVAILABLE", node, gap);
      },
      call: (row, node) => {
        const gap = functionGap(row, this.#surroundings);
        if (gap !== undefined) this.#report("FUNCTION_NOT_AVAILABLE", node, gap);
        this.#tokenConfiguration(node);
      },
      comparison: (node) => this.#comparison(node),
    });
    this.problems.push(...inference.problems);
    this.#claimKeys(this.#expression.body);
    this.#length();
    const root = inference.types.get(this.#expression.body);
    const isUnpacked = inference.problems.some(({ code }) => code === "UNPACK_INVALID");
    if (root !== undefined && !isUnpacked) this.#result(root.type);
    this.problems.sort((a, b) => a.offset - b.offset || a.length - b.length);
  }

  #report(
    code: ProblemCode,
    node: { start: number; end: number },
    message: string,
    detail: ProblemDetail = {},
  ): void {
    this.problems.push(this.#problem(code, node.start, node.end, message, detail));
  }

  #limit(name: LimitName): number {
    return this.#context.limits?.[name] ?? LIMITS[name].value;
  }

  #length(): void {
    const { source } = this.#expression;
    const unit = this.#surroundings.choices.lengthUnit;
    const length = unit === "bytes" ? Buffer.byteLength(source, "utf8") : [...source].length;
    const limit = this.#limit("expressionLength");
    if (length <= limit) return;
    const place = { start: Math.min(limit, source.length), end: source.length };
    this.#report("EXPRESSION_TOO_LONG", place, `the expression has ${length} ${unit}`, {
      expected: `at most ${limit}`,
    });
  }

  #result(type: Type): void {
    const use = this.#surroundings.use;
    const { result = resultTypes[use] } = this.#context;
    const wanted = typeof result === "string" ? [result] : result;
    if (wanted.includes(type)) return;
    this.#report("RESULT_TYPE", this.#expression.body, `the expression yields ${type}`, {
      expected: wanted.join(" or "),
    });
  }

  #comparison(node: ComparisonNode): void {
    const row = operatorRows.get(node.operator);
    const { plan, lists } = this.#context;
    if (row?.plan !== undefined && (plan === "free" || plan === "pro")) {
      this.#report(
        "OPERATOR_NOT_AVAILABLE",
        node,
        `${node.operator} needs the plan business, and this is ${plan}`,
        {
          expected: "wildcard, contains, starts_with or ends_with",
        },
      );
    }
    const { right } = node;
    if (right.kind === "namedList" && lists !== undefined && !lists.includes(right.name)) {
      this.#report("UNKNOWN_LIST", right, `there is no list $${right.name}`, {
        suggestion: nearest(right.name, lists),
      });
    }
    if (right.kind !== "list") return;
    for (const item of right.items) {
      if (item.kind !== "cidr") continue;
      if (compareIp(networkOf(item.address, item.prefix), item.address) !== 0) {
        this.#report("CIDR_INVALID", item, "this address is not the first of its block", {
          expected: "all bits after the prefix length zero",
        });
      }
    }
  }

  #knownConfiguration(id: string, node: Node): void {
    const known = this.#context.tokenConfigurations;
    if (known === undefined || known.includes(id)) return;
    this.#report("UNKNOWN_TOKEN_CONFIGURATION", node, "there is no token configuration with this id", {
      suggestion: nearest(id, known),
    });
  }

  #tokenConfiguration(node: CallNode): void {
    if (node.name !== "is_jwt_valid" && node.name !== "is_jwt_present") return;
    const [id] = node.arguments;
    if (id?.kind === "string") this.#knownConfiguration(id.value, id);
  }

  /** A claims map under an id that does not exist is always missing: a rule that can never fire. */
  #claimKeys(node: Node): void {
    if (node.kind === "logical") for (const term of node.terms) this.#claimKeys(term);
    else if (node.kind === "not") this.#claimKeys(node.operand);
    else if (node.kind === "comparison") this.#claimKeys(node.left);
    else if (node.kind === "call") for (const argument of node.arguments) this.#claimKeys(argument);
    else if (node.kind === "each") this.#claimKeys(node.target);
    else if (node.kind === "index") {
      const { target, index } = node;
      const isClaims =
        target.kind === "field" && target.name.startsWith(claimsField) && FIELDS.has(target.name);
      if (isClaims && typeof index === "string") this.#knownConfiguration(index, node);
      this.#claimKeys(target);
    } else if (!isLiteral(node)) return;
  }
}

/**
 * Checks names, types, literal arguments, limits, and what phase, plan and add-ons allow. Answers all problems in
 * the order of the text; an empty array means that the expression compiles and never fails at evaluation.
 */
export function check(expression: Expression, context: CheckContext): ExpressionProblem[] {
  const checker = new Checker(expression, context);
  checker.run();
  return checker.problems;
}
