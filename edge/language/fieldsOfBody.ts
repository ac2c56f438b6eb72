import type { FieldReaders } from "./fieldRow.ts";
import { type MultipartPart, multipartParts } from "./multipart.ts";
import type { RequestFields } from "./request.ts";
import { type ArgumentTable, argumentTable } from "./requestMaps.ts";
import type { Value, ValueArray } from "./values.ts";

function contentType(request: RequestFields): string {
  return request.headers.map.get("content-type")?.[0] ?? "";
}

/** The arguments of an `application/x-www-form-urlencoded` body, undecoded; of another body none. */
function form(request: RequestFields): ArgumentTable {
  const isForm = contentType(request).toLowerCase().startsWith("application/x-www-form-urlencoded");
  return argumentTable(isForm ? (request.input.body ?? "") : "");
}

function parts(request: RequestFields): readonly MultipartPart[] {
  return multipartParts(contentType(request), request.input.body ?? "");
}

function partsByName(request: RequestFields): Map<string, Value> {
  const map = new Map<string, string[]>();
  for (const part of parts(request)) {
    if (part.name === undefined) continue;
    const values = map.get(part.name);
    if (values === undefined) map.set(part.name, [part.value]);
    else values.push(part.value);
  }
  return map;
}

const prefix = "http.request.body";

/** Computed once per request. */
function kept<T extends ValueArray | ReadonlyMap<string, Value>>(
  name: string,
  read: (r: RequestFields) => T,
): FieldReaders {
  return { [name]: { read: (r) => r.derived(name, () => read(r)) } };
}

function listed(suffix: string, pick: (part: MultipartPart) => string | undefined): FieldReaders {
  const name = `${prefix}.multipart.${suffix}`;
  return kept(name, (r) =>
    parts(r).map((part): ValueArray => {
      const value = pick(part);
      return value === undefined ? [] : [value];
    }),
  );
}

/** What is read from the request's body. */
export const bodyReaders: FieldReaders = {
  [`${prefix}.raw`]: { read: (r) => r.input.body ?? "" },
  [`${prefix}.size`]: { read: (r) => (r.input.body ?? "").length },
  [`${prefix}.truncated`]: { read: (r) => r.input.bodyTruncated ?? false },
  ...kept(`${prefix}.form`, (r) => form(r).map),
  ...kept(`${prefix}.form.names`, (r) => form(r).names),
  ...kept(`${prefix}.form.values`, (r) => form(r).values),
  ...kept(`${prefix}.multipart`, partsByName),
  ...kept(`${prefix}.multipart.values`, (r) => parts(r).map((part) => part.value)),
  ...listed("names", (part) => part.name),
  ...listed("filenames", (part) => part.filename),
  ...listed("content_types", (part) => part.contentType),
  ...listed("content_dispositions", (part) => part.contentDisposition),
  ...listed("content_transfer_encodings", (part) => part.contentTransferEncoding),
};
