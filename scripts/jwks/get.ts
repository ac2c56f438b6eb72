import { readFile } from "node:fs/promises";
import { join } from "node:path";

/** One answer of somebody's server, or why there is none. */
export type Got = { readonly text: string } | { readonly reason: string };

/** Asks for the text at an https address, or of a file. The outside of `jwks fetch`, as an argument. */
export type Get = (url: string) => Promise<Got>;

/** Makes the reader of key files below a folder. */
export function readerIn(folder: string): Get {
  return (path) =>
    readFile(join(folder, path), "utf8").then(
      (text) => ({ text }),
      (error: NodeJS.ErrnoException) => ({ reason: `${path} cannot be read (${error.code})` }),
    );
}

/** How long an answer may take as a whole, in milliseconds. */
const TIMEOUT_MS = 10_000;

/**
 * Makes a `Get` of a `fetch`: https alone, status 200 alone, no redirect followed, so much of a body and no more.
 *
 * @param most bytes of the body
 */
export function getWith(fetcher: typeof fetch, most: number): Get {
  return async (url) => {
    if (!URL.canParse(url) || new URL(url).protocol !== "https:") return { reason: `${url} is not https` };
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const answer = await fetcher(url, {
        redirect: "manual",
        signal,
        headers: { accept: "application/jwk-set+json, application/json" },
      });
      if (answer.status >= 300 && answer.status < 400) {
        await answer.body?.cancel();
        return {
          reason: `${url} answers ${answer.status}, a redirect, which is not followed: write its target`,
        };
      }
      if (answer.status !== 200) {
        await answer.body?.cancel();
        return { reason: `${url} answers HTTP ${answer.status}` };
      }
      const text = await bounded(answer, most);
      return text === undefined ? { reason: `${url} answers more than ${most} bytes` } : { text };
    } catch (error) {
      if (signal.aborted) return { reason: `${url} gives no whole answer within ${TIMEOUT_MS / 1000} s` };
      const cause = (error as { cause?: { code?: unknown } }).cause?.code;
      return { reason: `${url} cannot be asked${typeof cause === "string" ? ` (${cause})` : ""}` };
    }
  };
}

async function bounded(answer: Response, most: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of answer.body ?? []) {
    size += chunk.byteLength;
    // Leaving the loop cancels the rest.
    if (size > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
