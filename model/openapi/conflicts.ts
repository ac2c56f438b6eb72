import { compareMatches, overlap } from "../definition/paths.ts";
import { segmentKey } from "../definition/segments.ts";
import type { Match } from "../definition/types.ts";
import { asksAll, type Meaning, unsaid } from "./meaning.ts";
import type { Operation } from "./types.ts";

/** One operation with what becomes of it. */
export interface Entry {
  readonly operation: Operation;
  readonly id: string;
  readonly host: string;
  readonly match: Match;
  /** False where no pattern has the operation's path and the match covers more. */
  readonly exact: boolean;
  readonly meaning: Meaning;
}

/**
 * Leaves out the rules that would make a draft wrong. Of rules that match one request the most specific decides, as of
 * a document's operations, so that most need nothing. But an operation of which only a comment is drafted decides
 * nothing, so that a broader rule takes its requests; and of two rules that match equally closely there can be one.
 */
export function withoutConflicts(entries: readonly Entry[]): readonly Entry[] {
  return withoutTwins(entries.map((entry) => beside(entry, entries)));
}

/** A rule beside the operations whose requests it would take: it opens none of them, and says which it covers. */
function beside(entry: Entry, entries: readonly Entry[]): Entry {
  const { match, meaning, host } = entry;
  if (meaning.kind === "unsaid") return entry;
  const others = entries.filter(
    (other) => other !== entry && other.host === host && overlap(match, other.match),
  );
  // How specific a path is that no pattern has, is not known.
  const [taken, ...more] = others.filter(
    (other) => other.meaning.kind === "unsaid" && (!other.exact || compareMatches(other.match, match) <= 0),
  );
  if (meaning.kind === "open") {
    if (taken !== undefined) {
      return { ...entry, meaning: unsaid(`open, and with it ${taken.id}, of which no rule is drafted`) };
    }
    const closed = others.find(
      (other) => other.meaning.kind === "token" && compareMatches(other.match, match) === 0,
    );
    if (closed !== undefined) {
      const note = `open, and with it ${closed.id}, which needs a token and matches as closely`;
      return { ...entry, meaning: unsaid(note) };
    }
  }
  const notes = [...meaning.notes];
  if (taken !== undefined) {
    const which = `${taken.id}${more.length === 0 ? "" : ` and ${more.length} more`}`;
    notes.push(`requests of ${which}, of which no rule is drafted, pass with what is asked for here`);
  }
  // A rule takes requests from a broader one only where the path is written as its own, which ends without a slash.
  const broad = entry.operation.path.endsWith("/")
    ? others.find((other) => compareMatches(match, other.match) < 0 && asksMore(other.meaning, meaning))
    : undefined;
  if (broad !== undefined) {
    notes.push(`the / at the end of its path: with it, what ${broad.id} asks for holds as well`);
  }
  return { ...entry, meaning: { ...meaning, notes } };
}

/** Whether the first asks for something that the second does not ask for. */
function asksMore(meaning: Meaning, other: Meaning): boolean {
  if (meaning.kind !== "token") return false;
  if (other.kind !== "token") return true;
  return other.any.some((brought) => !meaning.any.some((asked) => asksAll(brought, asked)));
}

/** Of rules with one pattern and a method in common one is kept; another that asks for something else is a comment. */
function withoutTwins(entries: readonly Entry[]): readonly Entry[] {
  const seen = new Map<string, Entry>();
  const decided = new Map<Entry, Entry>();
  const isHead = ({ operation }: Entry) => operation.method === "HEAD";
  // A rule for GET has HEAD too. It goes first, so that what is kept always has all methods of what is not.
  for (const entry of [...entries.filter((each) => !isHead(each)), ...entries.filter(isHead)]) {
    const { host, match, meaning } = entry;
    const { segments, rest } = match.path;
    const keys = (match.methods ?? []).map((method) =>
      JSON.stringify([host, method, rest, segments.map(segmentKey)]),
    );
    const twin = keys.map((key) => seen.get(key)).find((found) => found !== undefined);
    if (meaning.kind === "unsaid" || twin === undefined) {
      decided.set(entry, entry);
      if (meaning.kind !== "unsaid") for (const key of keys) seen.set(key, entry);
    } else if (demandOf(meaning) !== demandOf(twin.meaning)) {
      const note = `${twin.id} matches these requests as closely, and only one rule can decide`;
      decided.set(entry, { ...entry, meaning: unsaid(note) });
    }
  }
  return entries.flatMap((entry) => decided.get(entry) ?? []);
}

/** Equal for meanings that ask for the same. */
function demandOf(meaning: Meaning): string {
  const any = meaning.kind === "token" ? meaning.any : [];
  const tokens = any.map(({ ring, scopes }) => JSON.stringify([ring, scopes.toSorted()])).sort();
  return JSON.stringify([meaning.kind, meaning.notes, tokens]);
}
