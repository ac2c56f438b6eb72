/**
 * Calls of our dynamic resources to the Cloudflare API.
 *
 * The functions here are captured by value when Pulumi serializes a provider: they may use each other and
 * plain constants, load packages inside their bodies, and must not subclass or hold private fields.
 */

import { ATTEMPTS, CALL_SECONDS, LAST_WRITE_SECONDS } from "./deadlines.ts";

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
    baseURL: settings.baseUrl,
    maxRetries: 0,
    timeout: CALL_SECONDS * 1000,
    fetch: (input: string | URL | Request, init?: RequestInit) => fetch(input, init),
  });
  let attempts = 0;
  return {
    call: async (method, path, body) => {
      if (method !== "get" && Date.now() - begun > LAST_WRITE_SECONDS * 1000) throw tooLate(method, path);
      try {
        const response = await client[method](path, { body }).asResponse();
        const text = await response.text();
        const answer = text === "" ? {} : JSON.parse(text);
        const date = Date.parse(response.headers.get("date") ?? "");
        const at = new Date((Number.isNaN(date) ? Date.now() : date) + 1000).toISOString();
        return { result: answer.result ?? answer, messages: answer.messages ?? [], at };
      } catch (error) {
        throw apiProblem(method, path, error, [...secrets, settings.token ?? ""]);
      }
    },
    pause: async (problem) => {
      attempts += 1;
      const seconds = problem.retryAfterSeconds ?? 0;
      const late = Date.now() - begun + seconds * 1000 > LAST_WRITE_SECONDS * 1000;
      if (problem.retryAfterSeconds === undefined || late || attempts > ATTEMPTS.call) throw problem;
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
    `${method.toUpperCase()} ${path} was not sent: Cloudflare's answers took more than ${LAST_WRITE_SECONDS} s, and a run that was killed meanwhile must not write that late. Run the same command again`,
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
  problem.retryAfterSeconds = worthIt && !final ? asked || 1 : undefined;
  return problem;
}

/**
 * Replaces in `text` every run of 8 or more characters of a secret by `[secret]`: raw, as the literal that JSON or an
 * expression quotes, as base64 and base64url at any alignment, hexadecimal, and percent-encoded, in full or where
 * URLs need it. An error may quote a part of what was sent. Linear in the length of text and secrets.
 *
 * @param secrets texts, or the base64url of bytes; one of fewer than 8 characters hides nothing
 */
export function maskSecrets(text: string, secrets: readonly string[]): string {
  // Runs are found by their windows: as long as 8 bytes of the secret are in the encoding, rounded down.
  const windows = new Map<number, Set<string>>();
  const add = (form: string, width: number) => {
    const known = windows.get(width) ?? new Set<string>();
    for (let at = 0; at + width <= form.length; at += 1) known.add(form.slice(at, at + width));
    windows.set(width, known);
  };
  for (const secret of secrets.filter((each) => each.length >= 8)) {
    const plain = [secret, Buffer.from(secret, "base64url").toString("utf8")];
    for (const raw of plain.filter((each) => !each.includes("\ufffd"))) {
      for (const form of [raw, JSON.stringify(raw).slice(1, -1), encodeURIComponent(raw)]) add(form, 8);
    }
    for (const bytes of [Buffer.from(secret, "utf8"), Buffer.from(secret, "base64url")]) {
      if (bytes.length < 8) continue;
      const hex = bytes.toString("hex");
      const percent = hex.replace(/../g, "%$&");
      for (const form of [hex, hex.toUpperCase()]) add(form, 16);
      for (const form of [percent, percent.toUpperCase()]) add(form, 24);
      for (const before of [0, 1, 2]) {
        // The first and the last group hold bits of what stands around the secret.
        const shifted = Buffer.concat([Buffer.alloc(before), bytes])
          .toString("base64")
          .replace(/=+$/, "");
        const inner = shifted.slice(before === 0 ? 0 : before + 1);
        for (const form of [inner, inner.replaceAll("+", "-").replaceAll("/", "_")]) add(form, 10);
      }
    }
  }
  // End of the longest run that begins at or before a place; 0 where none does.
  let hidden = 0;
  let masked = "";
  for (let at = 0; at < text.length; at += 1) {
    let end = 0;
    for (const [width, known] of windows)
      if (known.has(text.slice(at, at + width))) end = Math.max(end, at + width);
    if (end > 0 && at >= hidden) masked += "[secret]";
    hidden = Math.max(hidden, end);
    if (at >= hidden) masked += text[at];
  }
  return masked;
}

/** A failure of ours that a person must read: stable code first. */
export function failure(code: string, message: string): Error {
  return new Error(`${code}: ${message}`);
}
