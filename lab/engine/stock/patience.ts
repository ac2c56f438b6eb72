/** How often a client of Cloudflare's API tries again, and how it waits in between. */
export interface Patience {
  readonly retries: number;
  /** Milliseconds before the first retry where the answer does not say; twice as long before each further one. */
  readonly first: number;
  readonly longest: number;
}

const RETRY_STATUS: ReadonlySet<number> = new Set([408, 409, 429]);

/**
 * Calls again as Cloudflare's clients do, which one generator makes (terraform-provider-cloudflare v5.22.0 and
 * cloudflare 7.3.0; as of 2026-11): on no answer, 408, 409, 429 and 5xx, unless `x-should-retry` decides.
 *
 * @returns the last answer, or the error that came in its place
 */
export async function patiently(
  call: () => Promise<Response>,
  { retries, first, longest }: Patience,
  sleep: (milliseconds: number) => Promise<void> | void,
): Promise<Response | Error> {
  for (let attempt = 0; ; attempt += 1) {
    const answer = await call().catch((error: Error) => error);
    if (!isRetriable(answer) || attempt >= retries) return answer;
    const header = answer instanceof Error ? null : answer.headers.get("retry-after");
    const after = header === null ? Number.NaN : Number(header);
    await sleep(after >= 0 && after < 60 ? 1000 * after : Math.min(first * 2 ** attempt, longest));
  }
}

function isRetriable(answer: Response | Error): boolean {
  if (answer instanceof Error) return true;
  const said = answer.headers.get("x-should-retry");
  return said === null ? answer.status >= 500 || RETRY_STATUS.has(answer.status) : said === "true";
}
