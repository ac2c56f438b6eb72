import {
  type Document,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
} from "yaml";
import { problem } from "../problem/codes.ts";
import type { Position, Problem } from "../problem/problem.ts";
import { type Remark, remarksIn } from "./remarks.ts";

/** One definition file, read and with the place of every value. */
export interface Source {
  readonly path: string;
  readonly data: unknown;
  readonly problems: readonly Problem[];
  /** Place of the value at a path of member names and indexes; of its nearest ancestor where it is absent. */
  at(path: readonly PropertyKey[]): Position;
  /** Place of the name of a member. */
  atKey(path: readonly PropertyKey[]): Position;
  /** Place of one character of the text at a path; of the text's beginning where YAML folds or escapes it. */
  within(path: readonly PropertyKey[], index: number): Position;
  /** Every text in the file with its place and the line that it ends in. */
  readonly texts: readonly { readonly text: string; readonly at: Position; readonly lastLine: number }[];
  /** The lines of the file, without what ends them. */
  readonly rows: readonly string[];
  /** Its comments `# keyturn: …`, at the end of the line they are about or on the line before it. */
  readonly remarks: readonly (Pick<Remark, "about" | "text"> & { readonly at: Position })[];
  /** The reason of a remark `no secret, because <reason>` on a line, empty where it gives none; undefined without one. */
  noSecret(line: number): string | undefined;
}

/** What yaml's error codes mean for somebody who writes a definition. The text is ours, since theirs may quote the file. */
const SYNTAX: Readonly<Record<string, string>> = {
  ALIAS_PROPS: "an alias takes no tag or anchor",
  BAD_ALIAS: "the alias or anchor has a wrong name",
  BAD_COLLECTION_TYPE: "the tag does not fit a list or map",
  BAD_DIRECTIVE: "a line that begins with % cannot stand here",
  BAD_DQ_ESCAPE: "an escape in a double-quoted text is unknown",
  BAD_INDENT: "the indentation does not fit its surroundings",
  BAD_PROP_ORDER: "a tag or anchor stands in the wrong place",
  BAD_SCALAR_START: "a plain text cannot begin with this character; put it in quotes",
  BLOCK_AS_IMPLICIT_KEY: "a member's name cannot be a list or map",
  BLOCK_IN_FLOW: "an indented block cannot stand inside { } or [ ]",
  IMPOSSIBLE: "the text is not YAML",
  MISSING_CHAR: "a character is missing, such as a closing quote, a comma or a colon",
  MULTILINE_IMPLICIT_KEY: "a member's name must stand on one line",
  MULTIPLE_ANCHORS: "there are two anchors in one place",
  MULTIPLE_DOCS: "one file holds one document; remove the `---`",
  MULTIPLE_TAGS: "there are two tags in one place",
  NON_STRING_KEY: "a member's name must be a text",
  RESOURCE_EXHAUSTION: "lists or maps are nested too deeply",
  TAB_AS_INDENT: "a tab cannot indent; use blanks",
  TAG_RESOLVE_FAILED: "tags are not used in definitions",
  UNEXPECTED_TOKEN: "this does not belong here",
};

/**
 * Reads one YAML 1.2 file. Never throws: what is wrong becomes a problem. `data` is undefined for what is no YAML;
 * of a member that stands twice it holds the first, and for an alias what it stands for, to look for more problems in.
 */
export function readSource(path: string, text: string): Source {
  const lines = new LineCounter();
  const rows = text.split(/\r?\n/);
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: true,
    stringKeys: true,
    resolveKnownTags: false,
  });
  const place = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { file: path, line: Math.max(line, 1), column: Math.max(col, 1) };
  };
  const remarks = remarksIn(text, rows, (offset) => place(offset).line).map(
    ({ offset, about, text: said }) => ({ at: place(offset), about, text: said }),
  );
  const problems: Problem[] = [...document.errors, ...document.warnings].map((error) =>
    error.code === "DUPLICATE_KEY"
      ? problem(
          "MEMBER_DUPLICATE",
          place(error.pos[0]),
          "this member was given before in the same place",
          "keep one of the two",
        )
      : problem(
          "YAML_SYNTAX",
          place(error.pos[0]),
          `not valid YAML: ${SYNTAX[error.code] ?? "this cannot be read"}`,
          isStrayItem(rows, place(error.pos[0]).line)
            ? "an item belongs to the list above it, such as rules: move it up to the others, before the next member"
            : "mend the file here; a YAML-aware editor shows the place",
        ),
  );
  const texts: Source["texts"][number][] = [];
  const nameless = new Set<Pair>();
  visit(document, {
    Pair(_key, pair) {
      if (!isScalar(pair.key) || pair.key.value !== NO_NAME) return;
      nameless.add(pair);
      problems.push(
        problem(
          "MEMBER_UNKNOWN",
          place(pair.key.range?.[0] ?? 0),
          `nothing can be called ${NO_NAME}`,
          "give it another name: objects in JavaScript have a meaning of their own for this one",
        ),
      );
    },
    Alias(_key, node) {
      problems.push(
        problem(
          "YAML_ALIAS",
          place(node.range?.[0] ?? 0),
          "aliases and anchors are not used in definitions",
          "write the value out, so that a reviewer sees it where it counts",
        ),
      );
    },
    Scalar(_key, node) {
      if (typeof node.value !== "string") return;
      const [start, end] = node.range ?? [0, 0];
      texts.push({
        text: node.value,
        // Few are ever asked for.
        get at() {
          return place(start);
        },
        get lastLine() {
          return place(Math.max(start, end - 1)).line;
        },
      });
    },
  });
  const nodeAt = (wanted: readonly PropertyKey[]): number => {
    let node: unknown = document.contents;
    let offset = isNode(node) ? (node.range?.[0] ?? 0) : 0;
    for (const part of wanted) {
      node = isMap(node) || isSeq(node) ? node.get(part, true) : undefined;
      if (!isNode(node)) break;
      offset = node.range?.[0] ?? offset;
    }
    return offset;
  };
  const keyAt = (wanted: readonly PropertyKey[]): number => {
    const parent = wanted.length > 1 ? document.getIn(wanted.slice(0, -1), true) : document.contents;
    const last = wanted.at(-1);
    if (isMap(parent)) {
      for (const item of parent.items) {
        if (isPair(item) && isScalar(item.key) && item.key.value === last) {
          return item.key.range?.[0] ?? nodeAt(wanted);
        }
      }
    }
    return nodeAt(wanted);
  };
  return {
    path,
    data: dataOf(document, nameless),
    problems,
    at: (wanted) => place(nodeAt(wanted)),
    atKey: (wanted) => place(keyAt(wanted)),
    within: (wanted, index) => {
      const node = document.getIn(wanted, true);
      return place(isScalar(node) ? characterOffset(node, text, index) : nodeAt(wanted));
    },
    texts,
    rows,
    remarks,
    noSecret: (line) => {
      const own = remarks.filter(({ about, text: said }) => about === line && NO_SECRET.test(said));
      return own[0] && NO_SECRET.exec(own[0].text)?.[1]?.trim();
    },
  };
}

/** The one name that programs do not read as one: schemas pass over what stands there, and nobody would check it. */
const NO_NAME = "__proto__";

/** @param nameless members that are left out */
function dataOf(document: Document.Parsed, nameless: ReadonlySet<Pair>): unknown {
  const faults = [...document.errors, ...document.warnings];
  if (faults.some(({ code }) => code !== "DUPLICATE_KEY")) return undefined;
  if (faults.length > 0 || nameless.size > 0) {
    visit(document, {
      Map(_key, node) {
        const seen = new Set<unknown>();
        node.items = node.items.filter((item) => {
          const name = isScalar(item.key) ? item.key.value : item.key;
          return !nameless.has(item) && !seen.has(name) && seen.add(name);
        });
      },
    });
  }
  try {
    return document.toJS() as unknown;
  } catch {
    // An alias without an anchor, or too many of them.
    return undefined;
  }
}

/** The remark that what looks like a secret is none, with its reason. */
export const NO_SECRET = /^no secret\b(?:,?\s*because\b)?(.*)$/;

/** Whether a list's item stands behind a member with a value of its own, on the line or the next. */
function isStrayItem(rows: readonly string[], line: number): boolean {
  const item = /^\s*- /;
  return (
    item.test(rows[line - 1] ?? "") || (item.test(rows[line] ?? "") && /:\s*\S/.test(rows[line - 1] ?? ""))
  );
}

/** Where in the file the character `index` of a scalar's text stands; its beginning when that cannot be told. */
function characterOffset(node: Scalar, file: string, index: number): number {
  const [start, end] = node.range ?? [0, 0];
  const value = String(node.value);
  if (node.type === "BLOCK_LITERAL") {
    const before = value.slice(0, index).split("\n");
    const lines = file.slice(start, end).split("\n");
    const line = lines[before.length] ?? "";
    const indent = line.length - line.trimStart().length;
    const offset = lines.slice(0, before.length).reduce((sum, each) => sum + each.length + 1, 0);
    return start + offset + indent + (before.at(-1) ?? "").length;
  }
  const first = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE" ? start + 1 : start;
  return file.startsWith(value, first) ? first + index : start;
}
