import type { EdgeRequest, HeaderPair, OriginRequest, RuleHit, TokenTrace, Verdict } from "@keyturn/edge";
import { maskSecrets } from "../../scripts/cli/mask.ts";
import { linkTo, type SignedWith, signToken, tokenHeader } from "./credentials.ts";
import type { Lab } from "./openLab.ts";

/** A request as the command line has it. */
export interface LabRequest {
  readonly method: string;
  /** Absolute, taken as written. */
  readonly url: string;
  readonly headers: readonly HeaderPair[];
  readonly body?: string | undefined;
  readonly ip?: string | undefined;
  /** Default: the first point of presence. */
  readonly pop?: string | undefined;
  /** Ring whose key signs a token, or a link for the URL. */
  readonly token?: string | undefined;
  readonly link?: string | undefined;
  readonly key?: string | undefined;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly at: number;
  /** Show tokens and links in the answer. */
  readonly show: boolean;
}

/** What became of it. Tokens and links are masked unless they were asked for. */
export interface LabAnswer {
  readonly verdict: Verdict["outcome"];
  readonly status: number;
  readonly pop: string;
  /** The lab's clock, RFC 3339. */
  readonly at: string;
  readonly decidedBy: RuleHit | null;
  /** All rules that matched, in order. */
  readonly hits: readonly RuleHit[];
  readonly tokens: readonly TokenTrace[];
  readonly signed: (SignedWith & { readonly claims?: Readonly<Record<string, unknown>> }) | null;
  readonly sent: { readonly method: string; readonly url: string; readonly headers: readonly HeaderPair[] };
  readonly headers: readonly HeaderPair[];
  readonly body: string;
  /** What reached the origin; null where nothing did. */
  readonly origin: (Omit<OriginRequest, "body"> & { readonly body: string }) | null;
}

/** Sends a request through the front door of a lab's edge. */
export async function sendRequest(lab: Lab, wanted: LabRequest): Promise<LabAnswer> {
  const { request, signed } = await prepare(lab, wanted);
  const pop = wanted.pop ?? lab.pops[0]?.name ?? "";
  const answer = await lab.edge.handle(request, {
    pop,
    ...(wanted.ip === undefined ? {} : { ip: wanted.ip }),
  });
  const reached = lab.origin.last();
  const shown = (text: string) => (wanted.show ? text : maskSecrets(text));
  const shownHeaders = (headers: readonly HeaderPair[]): HeaderPair[] =>
    headers.map(([name, value]) => [name, shown(value)]);
  return {
    verdict: answer.verdict.outcome,
    status: answer.status,
    pop,
    at: new Date(lab.clock.now()).toISOString(),
    decidedBy: answer.verdict.decidedBy ?? null,
    hits: answer.verdict.hits,
    tokens: answer.verdict.tokens,
    signed,
    sent: { method: request.method, url: shown(request.url), headers: shownHeaders(request.headers ?? []) },
    headers: shownHeaders(answer.headers),
    body: shown(text(answer.body)),
    origin:
      reached === undefined
        ? null
        : {
            ...reached,
            query: shown(reached.query),
            headers: shownHeaders(reached.headers),
            body: shown(text(reached.body)),
          },
  };
}

async function prepare(lab: Lab, wanted: LabRequest) {
  const { method, url, headers, body, token: ring, link, key, at, claims } = wanted;
  const rest = { method, ...(body === undefined ? {} : { body }) };
  if (link !== undefined) {
    const { link: signedUrl, ...signed } = linkTo(lab, { ring: link, key, at }, url);
    return { request: { ...rest, url: signedUrl, headers } satisfies EdgeRequest, signed };
  }
  if (ring === undefined) return { request: { ...rest, url, headers } satisfies EdgeRequest, signed: null };
  const { token, alg: _alg, ...signed } = await signToken(lab, { ring, key, at }, claims);
  const host = /^https?:\/\/([^/?#:]+)/i.exec(url)?.[1]?.toLowerCase() ?? "";
  const all = [tokenHeader(lab, ring, host, token), ...headers];
  return { request: { ...rest, url, headers: all } satisfies EdgeRequest, signed };
}

function text(body: string | Uint8Array): string {
  return typeof body === "string" ? body : new TextDecoder().decode(body);
}

/** The answer for a person. */
export function renderAnswer(answer: LabAnswer): string {
  const { verdict, status, pop, at, decidedBy, signed, origin } = answer;
  return [
    `${status} ${verdict} at ${pop}, ${at}`,
    ...(decidedBy === null
      ? []
      : [
          `decided by  ${decidedBy.ref ?? decidedBy.ruleId} (${decidedBy.phase}, ${decidedBy.action})`,
          ...(decidedBy.description === undefined ? [] : [`            ${decidedBy.description}`]),
        ]),
    ...(signed === null ? [] : [`signed with ${signed.key} of ${signed.ring} (kid ${signed.kid})`]),
    ...answer.tokens.map(
      (each) =>
        `token       ${each.valid ? "valid" : `invalid: ${each.problem ?? "?"}`} for ${each.configuration}`,
    ),
    origin === null
      ? "origin      nothing reached it"
      : `origin      ${origin.method} ${origin.path}${origin.query === "" ? "" : `?${origin.query}`}`,
    "",
    ...answer.headers.map(([name, value]) => `${name}: ${value}`),
    "",
    answer.body,
    "",
  ].join("\n");
}
