import type { Choices } from "../choices.ts";
import type { HeaderPair } from "./request.ts";

/** What the edge itself answers. */
export interface Reply {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: string;
}

export type PageFormat = "json" | "markdown" | "html";

const FORMATS: ReadonlyMap<string, PageFormat> = new Map([
  ["application/json", "json"],
  ["application/problem+json", "json"],
  ["text/markdown", "markdown"],
  ["text/html", "html"],
]);

/** The format that `Accept` (RFC 9110 §12.5.1) prefers; HTML where it names none of them. */
export function pageFormat(accept: string | undefined): PageFormat {
  let best: PageFormat = "html";
  let bestWeight = 0;
  for (const range of (accept ?? "").split(",")) {
    const [type, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const format = FORMATS.get(type ?? "");
    if (format === undefined) continue;
    const quality = parameters.find((parameter) => parameter.startsWith("q="));
    const weight = quality === undefined ? 1 : Number(quality.slice(2));
    if (weight > bestWeight) {
      best = format;
      bestWeight = weight;
    }
  }
  return best;
}

export interface PageContent {
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly ray: string;
}

/** A default page in the format the client asked for. */
export function defaultPage(content: PageContent, accept: string | undefined, choices: Choices): Reply {
  const format = choices.blockPageFormat === "html" ? "html" : pageFormat(accept);
  const { status, title, detail, ray } = content;
  switch (format) {
    case "json":
      return page(status, "application/json", JSON.stringify({ status, title, detail, ray_id: ray }));
    case "markdown":
      return page(status, "text/markdown; charset=utf-8", `# ${title}\n\n${detail}\n\nRay ID: ${ray}\n`);
    case "html":
      return page(
        status,
        "text/html; charset=utf-8",
        `<!DOCTYPE html><html><head><title>${title}</title></head><body><h1>${title}</h1><p>${detail}</p><p>Ray ID: ${ray}</p></body></html>`,
      );
  }
}

/** A reply with a body of one type. */
export function page(status: number, contentType: string, body: string): Reply {
  return { status, headers: [["content-type", contentType]], body };
}
