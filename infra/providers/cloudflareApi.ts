/**
 * Calls of our dynamic resources to the Cloudflare API.
 *
 * The functions here are captured by value when Pulumi serializes a provider: they may use each other and
 * plain constants, load packages inside their bodies, and must not subclass or hold private fields.
 */

/** What a provider needs to reach the API; from stack configuration, else from the environment. */
export interface ApiSettings {
  readonly token: string | undefined;
  readonly baseUrl: string | undefined;
}

export interface ApiAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: the shape differs by endpoint and is checked by the caller
  readonly result: any;
  readonly messages: readonly { readonly code: number; readonly message: string }[];
  /** The answer's `Date` header, rounded up to a whole second so that a stamp is never early. */
  readonly at: string;
}

export interface Api {
  call(method: "get" | "post" | "put" | "patch" | "delete", path: string, body?: unknown): Promise<ApiAnswer>;
  /** Waits before the next attempt, or throws `problem` when the deadline would pass. */
  pause(problem: ApiProblem): Promise<void>;
}

/** A failed call. `retryAfterSeconds` is set where another attempt may help. */
export type ApiProblem = Error & {
  code: string;
  status: number | undefined;
  retryAfterSeconds: number | undefined;
};

/** No write of ours begins later than this after its operation did, so that a killed run cannot write much later. */
const DEADLINE_SECONDS = 50;
const CALL_TIMEOUT_SECONDS = 15;

/** Reads the settings in a provider's `configure`. */
export function readApiSettings(config: { get(key: string): string | undefined }): ApiSettings {
  return {
    token: config.get("cloudflare:apiToken") ?? process.env.CLOUDFLARE_API_TOKEN,
    baseUrl: process.env.CLOUDFLARE_BASE_URL ?? config.get("cloudflare:baseUrl"),
  };
}

/**
 * Opens a client for one operation of a resource.
 *
 * The SDK does not retry: a dynamic provider outlives a killed CLI, and a late retry would write over a newer
 * run. Whoever retries reads again first, within one hard deadline.
 *
 * @param secrets values that no error may contain, in whatever encoding
 */
export async function openApi(settings: ApiSettings, secrets: readonly string[]): Promise<Api> {
  const { default: Cloudflare } = await import("cloudflare");
  const begun = Date.now();
  const client = new Cloudflare({
    apiToken: settings.token ?? null,
    ...(settings.baseUrl === undefined ? {} : { baseURL: settings.baseUrl }),
    maxRetries: 0,
    timeout: CALL_TIMEOUT_SECONDS * 1000,
    fetch: (input: string | URL | Request, init?: RequestInit) => fetch(input, init),
  });
  let attempts = 0;
  return {
    call: async (method, path, body) => {
      if (method !== "get" && Date.now() - begun > DEADLINE_SECONDS * 1000) throw tooLate(method, path);
      try {
        const options = { maxRetries: 0, ...(body === undefined ? {} : { body }) };
        const response = await client[method](path, options).asResponse();
        const text = await response.text();
        const answer = text === "" ? {} : JSON.parse(text);
        const date = Date.parse(response.headers.get("date") ?? "");
        const at = new Date((Number.isNaN(date) ? Date.now() : date) + 1000).toISOString();
        return { result: answer.result ?? answer, messages: answer.messages ?? [], at };
      } catch (error) {
        throw apiProblem(method, path, error, secrets);
      }
    },
    pause: async (problem) => {
      attempts += 1;
      const seconds = problem.retryAfterSeconds ?? 0;
      const late = Date.now() - begun + seconds * 1000 > DEADLINE_SECONDS * 1000;
      if (problem.retryAfterSeconds === undefined || late || attempts > 6) throw problem;
      await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
    },
  };
}

/**
 * What a failed call means and what to do about it.
 *
 * @param status of the answer; undefined where none came
 */
export function apiFailure(status: number | undefined): { code: string; remedy: string } {
  if (status === undefined)
    return {
      code: "API_UNREACHABLE",
      remedy: "Check the network and CLOUDFLARE_BASE_URL, then run the same command again",
    };
  if (status === 401 || status === 403)
    return {
      code: "API_FORBIDDEN",
      remedy: "The token is wrong, has expired or lacks a permission: see the README for those it needs",
    };
  if (status === 429)
    return { code: "API_RATE_LIMITED", remedy: "Wait five minutes, then run the same command again" };
  if (status >= 500)
    return { code: "API_FAILED", remedy: "Cloudflare fails at the moment: run the same command again later" };
  return { code: "API_REFUSED", remedy: "Cloudflare refuses what was sent, and its text says why" };
}

/** Nothing waits on this: it is not tried again. */
function tooLate(method: string, path: string): Error {
  return failure(
    "API_UNREACHABLE",
    `${method.toUpperCase()} ${path} was not sent: Cloudflare's answers took more than ${DEADLINE_SECONDS} s, and a run that was killed meanwhile must not write that late. Run the same command again`,
  );
}

/** Turns whatever the SDK threw into a problem without secrets. */
function apiProblem(method: string, path: string, error: unknown, secrets: readonly string[]): ApiProblem {
  const thrown = error as {
    status?: number;
    message?: string;
    headers?: { get(name: string): string | null };
    errors?: { code?: number; message?: string }[];
  };
  const status = thrown.status;
  const named = (thrown.errors ?? []).map((entry) => `${entry.code}: ${entry.message}`).join("; ");
  const said =
    status === undefined ? `no answer (${thrown.message ?? "connection lost"})` : `${status} ${named}`;
  const { code, remedy } = apiFailure(status);
  const text = `${code}: ${method.toUpperCase()} ${path}: ${said.replace(/[. ]+$/, "")}. ${remedy}`;
  const problem = new Error(maskSecrets(text, secrets)) as ApiProblem;
  problem.code = code;
  problem.status = status;
  const worthIt = status === undefined || status === 408 || status === 409 || status === 429 || status >= 500;
  const asked = Number(thrown.headers?.get("retry-after") ?? "");
  const final = thrown.headers?.get("x-should-retry") === "false";
  problem.retryAfterSeconds = worthIt && !final ? (asked > 0 ? asked : 1) : undefined;
  return problem;
}

/**
 * Replaces every secret in `text` by `[secret]`: raw, as base64 and base64url, hexadecimal, percent-encoded, and
 * as the JSON or expression literal that an error may quote.
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  let masked = text;
  for (const secret of secrets) {
    if (secret === "") continue;
    const bytes = Buffer.from(secret, "utf8");
    const forms = [
      secret,
      bytes.toString("base64"),
      bytes.toString("base64url"),
      bytes.toString("hex"),
      bytes.toString("hex").toUpperCase(),
      encodeURIComponent(secret),
      Buffer.from(secret, "base64url").toString("utf8"),
    ];
    for (const form of forms) {
      if (form.length >= 8) masked = masked.split(form).join("[secret]");
    }
  }
  return masked;
}

/** A failure of ours that a person must read: stable code first. */
export function failure(code: string, message: string): Error {
  return new Error(`${code}: ${message}`);
}
