import type { Surroundings } from "../provider.ts";

/** How the stock provider retries: its source, v5.22.0 (`internal/` HTTP client); as of 2026-11. */
const RETRIES = 10;
const RETRY_STATUS: ReadonlySet<number> = new Set([408, 409, 429]);

/**
 * One call of the stock Cloudflare provider: Bearer token, JSON, up to ten retries on no answer, 408, 409, 429 and
 * 5xx, unless `x-should-retry` decides.
 *
 * @returns the `result` member; undefined for 404
 * @throws with the API's own text, as the provider does
 */
export async function restCall(
  around: Surroundings,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const base =
    around.config["cloudflare:baseUrl"] ??
    around.environment.CLOUDFLARE_BASE_URL ??
    "https://api.cloudflare.com/client/v4";
  const token = around.config["cloudflare:apiToken"] ?? around.environment.CLOUDFLARE_API_TOKEN ?? "";
  for (let attempt = 0; ; attempt += 1) {
    const answer = await around
      .fetch(`${base}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { "content-type": "application/json" }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      .catch((error: Error) => error);
    const problem = answer instanceof Error ? `${method} ${path}: ${answer.message}` : undefined;
    if (!(answer instanceof Error)) {
      if (answer.ok)
        return answer.status === 204 ? undefined : ((await answer.json()) as { result?: unknown }).result;
      if (answer.status === 404 && method === "GET") return undefined;
    }
    const status = answer instanceof Error ? 0 : answer.status;
    const said = answer instanceof Error ? null : answer.headers.get("x-should-retry");
    const retriable =
      said === null ? status === 0 || status >= 500 || RETRY_STATUS.has(status) : said === "true";
    if (!retriable || attempt >= RETRIES) {
      const text = answer instanceof Error ? "" : await answer.text();
      throw new Error(problem ?? `${method} ${path}: ${status} ${text}`);
    }
    await around.sleep(retryDelay(answer, attempt));
  }
}

function retryDelay(answer: Response | Error, attempt: number): number {
  const after =
    answer instanceof Error ? Number.NaN : Number(answer.headers.get("retry-after") ?? Number.NaN);
  return after >= 0 && after < 60 ? after * 1000 : Math.min(2000 * 2 ** attempt, 30_000);
}
