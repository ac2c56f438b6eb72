/** A value of a GraphQL argument after variables were put in. */
export type GraphqlValue = string | number | boolean | null | readonly GraphqlValue[] | GraphqlObject;
export interface GraphqlObject {
  readonly [name: string]: GraphqlValue;
}

/** One selected field: `alias: name(arguments) { fields }`. */
export interface GraphqlField {
  readonly alias: string;
  readonly name: string;
  readonly arguments: GraphqlObject;
  readonly fields: readonly GraphqlField[];
}

/** What is wrong with a query, with its 1-based position where it is a place in the text. */
export class GraphqlError extends Error {
  readonly location: { readonly line: number; readonly column: number } | undefined;

  constructor(what: string, place?: { readonly source: string; readonly offset: number }) {
    super(what);
    this.name = "GraphqlError";
    const before = place?.source.slice(0, place.offset).split("\n");
    this.location =
      before === undefined ? undefined : { line: before.length, column: (before.at(-1) ?? "").length + 1 };
  }
}

interface Token {
  readonly kind: "name" | "number" | "string" | "sign" | "end";
  readonly text: string;
  readonly offset: number;
}

const tokenForm =
  /[\s,]+|#[^\n]*|(?<name>[_A-Za-z]\w*)|(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?<string>"(?:[^"\\\n]|\\.)*")|(?<sign>\.\.\.|[{}()[\]:$!=@])/y;

const deepestNesting = 32;

/** Names that stand for a value; every other name is an enum value and stays text. */
const wordValues = new Map<string, GraphqlValue>([
  ["true", true],
  ["false", false],
  ["null", null],
]);

/**
 * Parses one query operation of GraphQL (spec October 2021, §2) as far as analytics queries use it:
 * selections, aliases, arguments, variables. Fragments and directives are refused. Throws `GraphqlError`.
 */
export function parseQuery(source: string, variables: GraphqlObject): readonly GraphqlField[] {
  const tokens = tokenize(source);
  let at = 0;
  const peek = (): Token => tokens[at] ?? { kind: "end", text: "", offset: source.length };
  const fail = (what: string): never => {
    throw new GraphqlError(what, { source, offset: peek().offset });
  };
  const take = (text: string): void => {
    if (peek().text !== text || peek().kind === "string") fail(`expected ${text}`);
    at += 1;
  };
  const isNext = (text: string): boolean => peek().kind !== "string" && peek().text === text;
  const name = (): string => {
    const token = peek();
    if (token.kind !== "name") fail("expected a name");
    at += 1;
    return token.text;
  };

  if (peek().kind === "name") {
    if (name() !== "query") fail("only queries are served");
    if (peek().kind === "name") name();
    if (isNext("(")) skipVariableDefinitions();
  }
  const fields = selection(0);
  if (peek().kind !== "end") fail("expected the end of the query");
  return fields;

  function skipVariableDefinitions(): void {
    take("(");
    while (!isNext(")")) {
      if (peek().kind === "end") fail("expected )");
      at += 1;
    }
    take(")");
  }

  function selection(depth: number): readonly GraphqlField[] {
    if (depth > deepestNesting) fail("the query is nested too deep");
    take("{");
    const fields: GraphqlField[] = [];
    while (!isNext("}")) {
      const first = name();
      const isAlias = isNext(":");
      if (isAlias) take(":");
      const own = isAlias ? name() : first;
      const given = isNext("(") ? members("(", ")", depth) : {};
      fields.push({
        alias: first,
        name: own,
        arguments: given,
        fields: isNext("{") ? selection(depth + 1) : [],
      });
    }
    take("}");
    return fields;
  }

  function members(open: string, close: string, depth: number): GraphqlObject {
    take(open);
    const found: [string, GraphqlValue][] = [];
    while (!isNext(close)) {
      const key = name();
      take(":");
      found.push([key, value(depth + 1)]);
    }
    take(close);
    return Object.fromEntries(found);
  }

  function value(depth: number): GraphqlValue {
    if (depth > deepestNesting) fail("the query is nested too deep");
    const token = peek();
    if (isNext("$")) {
      take("$");
      const variable = name();
      if (!Object.hasOwn(variables, variable)) fail(`variable $${variable} is not given`);
      return variables[variable] ?? null;
    }
    if (isNext("{")) return members("{", "}", depth);
    if (isNext("[")) {
      take("[");
      const items: GraphqlValue[] = [];
      while (!isNext("]")) items.push(value(depth + 1));
      take("]");
      return items;
    }
    if (token.kind === "sign" || token.kind === "end") return fail("expected a value");
    at += 1;
    if (token.kind === "number") return Number(token.text);
    if (token.kind === "string") return unquoted(source, token);
    return wordValues.has(token.text) ? (wordValues.get(token.text) ?? null) : token.text;
  }
}

function unquoted(source: string, token: Token): string {
  try {
    return JSON.parse(token.text) as string;
  } catch {
    throw new GraphqlError("the string has an unknown escape", { source, offset: token.offset });
  }
}

function tokenize(source: string): readonly Token[] {
  const tokens: Token[] = [];
  tokenForm.lastIndex = 0;
  while (tokenForm.lastIndex < source.length) {
    const offset = tokenForm.lastIndex;
    const found = tokenForm.exec(source);
    if (found === null) throw new GraphqlError("unexpected character", { source, offset });
    const groups = found.groups ?? {};
    for (const kind of ["name", "number", "string", "sign"] as const) {
      const text = groups[kind];
      if (text !== undefined) tokens.push({ kind, text, offset });
    }
  }
  return tokens;
}
