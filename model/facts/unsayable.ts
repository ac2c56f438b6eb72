/** What a rule at the edge cannot know, by what people call it: why, and who can. */
interface UnsayableRow {
  readonly names: readonly string[];
  readonly why: string;
  readonly instead: string;
}

/** Source: the fields and functions of Cloudflare's rules language, as of 2026-11. */
const rows: readonly UnsayableRow[] = [
  {
    names: ["once", "singleUse", "replay", "unique", "unused"],
    why: "rules remember nothing between requests, so none knows whether a jti was seen before",
    instead: "let tokens live for minutes, and let the origin keep the jti of what must happen once",
  },
  {
    names: ["owner", "ownedBy", "sameAs", "equals", "equalTo", "claim", "path", "parameter"],
    why: "rules compare a claim with values that stand in them, not with another claim or with the path",
    instead: "let the origin compare the two; it is given only requests whose token is valid",
  },
  {
    names: ["maxAge", "age", "issuedWithin", "newerThan", "authenticatedWithin"],
    why: "rules cannot subtract, so none knows how old a token is",
    instead: "let the issuer give a shorter lifetime, which exp says and Cloudflare checks",
  },
  {
    names: ["typ", "kid", "alg", "header"],
    why: "rules see what a token says, not its header",
    instead:
      "ask for a claim that says what the token is for, such as token_use; kid and alg are those of the ring's keys",
  },
];

/** Why nothing of that name can be required; undefined for a name that means nothing of the kind. */
export function unsayable(name: string): string | undefined {
  const row = rows.find(({ names }) => names.includes(name));
  return row === undefined ? undefined : `${row.why}: ${row.instead}`;
}
