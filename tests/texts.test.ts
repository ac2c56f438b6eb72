import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { z } from "zod";
import { explainedCode } from "../model/codes/codeTable.ts";
import { SAMPLE_MEMBERS } from "../model/environment/sampleAddress.ts";
import { SETTING_NAMES } from "../model/environment/settings.ts";
import { VARIABLES } from "../model/environment/variables.ts";
import { testFileSchema } from "../model/policyTests/schema.ts";
import definitionSchema from "../rules.schema.json" with { type: "json" };
import { commands } from "../scripts/cli/commands.ts";
import { variables } from "../scripts/cli/environment.ts";
import { fakeIo } from "../scripts/cli/fakeIo.ts";
import { main } from "../scripts/cli/program.ts";

const ROOT = join(import.meta.dirname, "..");

/** A piece of text that somebody reads: a string of a program, a comment beside definitions, a document. */
interface Text {
  readonly place: string;
  readonly text: string;
}

function filesBelow(folder: string, fits: (name: string) => boolean): string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && fits(entry.name) && !entry.parentPath.includes("node_modules"))
    .map((entry) => relative(ROOT, join(entry.parentPath, entry.name)));
}

const isSource = (name: string) => name.endsWith(".ts") && !/\.test\.ts$/.test(name);
const sources = ["model", "infra", "scripts", "lab", "examples"].flatMap((folder) =>
  filesBelow(folder, isSource),
);
const documents = [
  "README.md",
  "Pulumi.yaml",
  ...["rules", "examples", ".github"].flatMap((folder) => {
    try {
      return filesBelow(folder, (name) => /\.(md|ya?ml)$/.test(name));
    } catch {
      return [];
    }
  }),
];

/** Every string of a source; an expression in a template stands there as `<…>`. */
function stringsOf(path: string): Text[] {
  const source = ts.createSourceFile(
    path,
    readFileSync(join(ROOT, path), "utf8"),
    ts.ScriptTarget.Latest,
    true,
  );
  const found: Text[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) return;
    const place = `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`;
    if (ts.isStringLiteralLike(node)) found.push({ place, text: node.text });
    if (ts.isTemplateExpression(node)) {
      const spans = node.templateSpans.map((span) => `<…>${span.literal.text}`);
      found.push({ place, text: `${node.head.text}${spans.join("")}` });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

const strings = sources.flatMap(stringsOf);
const texts: readonly Text[] = [
  ...strings,
  ...documents.map((path) => ({ place: path, text: readFileSync(join(ROOT, path), "utf8") })),
];

/** The options of every command by its name, and under "" those of any. */
const options: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  await Promise.all(
    commands.map(async ({ name }) => {
      const io = fakeIo();
      await main([...name.split(" "), "--help", "--json"], io, commands);
      const { data } = JSON.parse(io.stdout());
      const names = data.options.flatMap((option: { name: string }) => option.name.match(/--[a-z-]+/g) ?? []);
      return [name, new Set<string>(names)] as const;
    }),
  ),
);
const anyOption = new Set([...options.values()].flatMap((each) => [...each]));

/** Options of other programs that a text may name outside of a command line of theirs. */
const foreignOptions: Readonly<Record<string, string>> = {
  "--target": "pulumi up",
  "--secret": "pulumi config set",
  "--non-interactive": "pulumi",
  "--show-secrets": "pulumi stack output",
  "--exclude": "pulumi up",
  "--expose-gc": "node",
  "--paginate": "gh api",
  "--jq": "gh api",
  "--raw-field": "gh api",
  "--yes": "pulumi up",
  "--diff": "pulumi preview",
  "--color": "pulumi",
  "--verify": "git rev-parse",
  "--end-of-options": "git rev-parse",
  "--git-dir": "git rev-parse",
  "--long": "git ls-tree",
  "--full-tree": "git ls-tree",
  "--batch": "git cat-file",
};

/** Node types of the library `yaml`, by which it is asked, and what GitHub's CLI reads. */
const foreignWords = ["GH_TOKEN", "DUPLICATE_KEY", "BLOCK_LITERAL", "QUOTE_DOUBLE", "QUOTE_SINGLE"];

/** Variables that a program of the project reads. */
const read = new Set(
  sources.flatMap((path) => {
    const source = readFileSync(join(ROOT, path), "utf8");
    const taken = [...source.matchAll(/\{([^{}]*)\} =\s*process\.env\b/g)];
    return [
      ...[...source.matchAll(/\benv(?:ironment)?\.([A-Z_]+)/g)].map((match) => match[1] ?? ""),
      ...taken.flatMap((match) => (match[1] ?? "").split(",").map((name) => name.trim())),
    ];
  }),
);

/** `keyturn …` in a code span, and on a line of a document's fenced block, as one types it. */
function commandLines({ place, text }: Text): string[] {
  const spans = [...text.matchAll(/`(?:npm run keyturn -- |npx keyturn |keyturn )([^`\n]*)`/g)];
  const blocks = place.endsWith(".md") ? [...text.matchAll(/^ *```\w*\n([\s\S]*?)^ *```/gm)] : [];
  const typed = blocks.flatMap(([, block]) => [
    ...(block ?? "").matchAll(/^\s*(?:npm run keyturn -- |npx keyturn |keyturn )([^\n#]*)/gm),
  ]);
  return [...spans, ...typed].map((match) => (match[1] ?? "").trim());
}

/** What is wrong with a command line as a text names it. */
function wrong(line: string): string | undefined {
  const words = line.split(/\s+/);
  if (words[0] === "forget") return undefined;
  const name = [words.slice(0, 2).join(" "), words[0] ?? ""].find((each) => options.has(each));
  if (name === undefined) {
    const group = commands.some((command) => command.name.startsWith(`${words[0]} `));
    const placeholder = /^(<.*|--help|\[.*)?$/.test(words[0] ?? "");
    return group || placeholder ? undefined : `no command ${words[0]}`;
  }
  const unknown = (line.match(/--[a-z][a-z-]*/g) ?? []).find((option) => !options.get(name)?.has(option));
  return unknown === undefined ? undefined : `${name} has no ${unknown}`;
}

/** Members of definitions, policy tests and settings, wherever they stand. */
const members: ReadonlySet<string> = new Set([
  ...propertiesIn(definitionSchema),
  ...propertiesIn(z.toJSONSchema(testFileSchema)),
  ...SETTING_NAMES.flatMap((name) => [name, `keyturn:${name}`]),
  ...SAMPLE_MEMBERS,
]);

/** Members whose own members somebody names himself. */
const NAMING = ["claims", "keys", "headers", "json", "keyturn:samples", "keyturn:rings"];

/** The names of the properties in a JSON Schema. */
function propertiesIn(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([name, value]) => [
    ...(name === "properties" ? Object.keys(value) : []),
    ...propertiesIn(value),
  ]);
}

/** Members of tokens and keys (RFC 7515, RFC 7517), which messages name beside those of definitions. */
const foreignMembers = ["alg", "typ", "use"];

/**
 * Pieces of definitions in a text: a document's blocks, code spans that begin with a member or a map, and what a hint
 * says to write. What is not done yet names what may be.
 */
function definitionsIn({ text: whole }: Text): readonly string[] {
  const text = whole.replace(/^## Not done yet\n[\s\S]*/m, "");
  const blocks = [...text.matchAll(/^ *```yaml\n([\s\S]*?)^ *```/gm)].map(([, block]) => block ?? "");
  const spans = [...text.matchAll(/`([a-z][A-Za-z:]*: [^`\n]+|\{ ?[a-z][A-Za-z]*: [^`\n]+)`/g)];
  const hints = [
    ...text.matchAll(/\b(?:write|add|use) ([a-z][A-Za-z]*: (?:\{[^{}]*\}|\[[^[\]]*\]|[\w:-]+))/g),
  ];
  return [...blocks, ...[...spans, ...hints].map(([, piece]) => piece ?? "")];
}

/** The members that a piece names and that do not exist. */
function unknownMembers(piece: string): readonly string[] {
  const visit = (value: unknown, isNamed: boolean): readonly string[] => {
    if (Array.isArray(value)) return value.flatMap((each) => visit(each, isNamed));
    if (typeof value !== "object" || value === null) return [];
    return Object.entries(value).flatMap(([name, inner]) => [
      ...(isNamed && !members.has(name) && !foreignMembers.includes(name) ? [name] : []),
      ...visit(inner, !NAMING.includes(name)),
    ]);
  };
  const document = parseDocument(piece.replaceAll(/…,? ?/g, ""));
  return document.errors.length > 0 ? [] : visit(document.toJS(), true);
}

describe("what a text of the project names exists", () => {
  test("members of definitions, policy tests and settings", () => {
    const pieces = texts.flatMap((text) =>
      definitionsIn(text).map((piece) => ({ place: text.place, piece })),
    );
    expect(pieces.length).toBeGreaterThan(50);
    const found = pieces.flatMap(({ place, piece }) =>
      unknownMembers(piece).map((name) => `${place}: ${name} in ${piece}`),
    );
    expect(found).toEqual([]);
  });

  test("commands and their options", () => {
    const lines = texts.flatMap((text) => commandLines(text).map((line) => ({ place: text.place, line })));
    expect(lines.length).toBeGreaterThan(50);
    const found = lines.flatMap(({ place, line }) => {
      const problem = wrong(line);
      return problem === undefined ? [] : [`${place}: \`keyturn ${line}\`: ${problem}`];
    });
    expect(found).toEqual([]);
  });

  test("options outside of a command line", () => {
    const found = texts.flatMap(({ place, text }) => {
      const plain = text
        .replace(/`(?:pulumi|npm|npx|node) [^`]*`/g, "")
        .replace(/^ *(?:- run: )?(?:pulumi|npm|npx|node|git|gh) .*$/gm, "");
      return (plain.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [])
        .filter((option) => !anyOption.has(option) && !(option in foreignOptions))
        .map((option) => `${place}: ${option}`);
    });
    expect(found).toEqual([]);
  });

  test("codes and variables", () => {
    const known = (word: string) =>
      explainedCode(word) !== undefined ||
      word in variables ||
      word in VARIABLES ||
      word.startsWith("YOUR_") ||
      foreignWords.includes(word) ||
      read.has(word);
    const named = texts.flatMap(({ place, text }) =>
      [...text.matchAll(/(?<![\w.$<-])[A-Z]{2,}(?:_[A-Z]+)+(?![\w(>])/g)].map(([word]) => ({ place, word })),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(({ word }) => !known(word)).map(({ place, word }) => `${place}: ${word}`)).toEqual(
      [],
    );
  });
});
