import type {
  AbsentRequirement,
  Asked,
  LinkRequirement,
  Requirement,
  TokenRequirement,
  WhereRequirement,
} from "./types.ts";

/** What a tree of requirements ends in. */
export type Leaf = TokenRequirement | AbsentRequirement | LinkRequirement | WhereRequirement;

/** The leaves of a requirement from left to right; none for `require: none` and where nothing is required. */
export function leavesOf(require: Requirement | undefined): readonly Leaf[] {
  switch (require?.kind) {
    case undefined:
    case "none":
      return [];
    case "token":
    case "absent":
    case "link":
    case "where":
      return [require];
    case "any":
    case "all":
      return require.of.flatMap(leavesOf);
  }
}

/** How many ways there are to meet a requirement: alternatives add up, and multiply where several are needed. */
export function countWays(require: Requirement | undefined): number {
  switch (require?.kind) {
    case undefined:
    case "none":
    case "token":
    case "absent":
    case "link":
    case "where":
      return 1;
    case "any":
      return require.of.reduce((sum, each) => sum + countWays(each), 0);
    case "all":
      return require.of.reduce((product, each) => product * countWays(each), 1);
  }
}

/** Each way to meet a requirement: leaves that are enough together. */
export function waysOf(require: Requirement | undefined): readonly (readonly Leaf[])[] {
  switch (require?.kind) {
    case undefined:
    case "none":
      return [[]];
    case "token":
    case "absent":
    case "link":
    case "where":
      return [[require]];
    case "any":
      return require.of.flatMap(waysOf);
    case "all":
      return require.of.reduce<readonly (readonly Leaf[])[]>(
        (ways, each) => ways.flatMap((way) => waysOf(each).map((more) => [...way, ...more])),
        [[]],
      );
  }
}

/** A requirement with other leaves. */
export function withLeaves(require: Asked, leaf: (each: Leaf) => Leaf): Asked {
  switch (require.kind) {
    case "token":
    case "absent":
    case "link":
    case "where":
      return leaf(require);
    case "any":
    case "all":
      return { ...require, of: require.of.map((each) => withLeaves(each, leaf)) };
  }
}
