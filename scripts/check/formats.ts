import type { CheckReport } from "./checkProject.ts";
import { asGithub } from "./github.ts";
import { asJunit } from "./junit.ts";
import { asSarif } from "./sarif.ts";
import { asText } from "./text.ts";

/** Forms of what `keyturn check` prints; `json` is the envelope that every command has. */
export const formats = {
  text: asText,
  sarif: asSarif,
  github: asGithub,
  junit: asJunit,
} satisfies Record<string, (report: CheckReport) => string>;

export type FormatName = keyof typeof formats | "json";
