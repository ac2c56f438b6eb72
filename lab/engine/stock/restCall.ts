import type { Surroundings } from "../provider.ts";
import { patiently } from "./patience.ts";

/** Its source, v5.22.0 (`internal/` HTTP client); as of 2026-11. */
const PATIENCE = { retries: 10, first: 2000, longest: 30_000 };

/**
 * One call of the stock Cloudflare provider: Bearer token, JSON, tried again as its client does.
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
  const call = () =>
    around.fetch(`${base}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const answer = await patiently(call, PATIENCE, around.sleep);
  if (answer instanceof Error) throw new Error(`${method} ${path}: ${answer.message}`);
  if (answer.status === 404 && method === "GET") return undefined;
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  return answer.status === 204 ? undefined : ((await answer.json()) as { result?: unknown }).result;
}
