import { readApiDocument } from "../../model/openapi/document.ts";
import type { ApiDocument } from "../../model/openapi/types.ts";
import { ProblemError } from "../../model/problem/problem.ts";
import type { Io } from "../cli/io.ts";
import { readInputFile } from "../cli/io.ts";

/** Reads an OpenAPI document that the command line names. Throws `CommandError`, or `ProblemError` for a wrong one. */
export async function readOpenapiFile(path: string, io: Io): Promise<ApiDocument> {
  const { api, problems } = readApiDocument(path, await readInputFile(path, io));
  if (api === undefined) throw new ProblemError(problems);
  return api;
}
