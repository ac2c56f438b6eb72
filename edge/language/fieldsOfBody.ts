import type { FieldRow } from "./fieldRow.ts";
import { type MultipartPart, multipartParts } from "./multipart.ts";
import type { RequestFields } from "./request.ts";
import { type ArgumentTable, argumentTable } from "./requestMaps.ts";
import type { Type, Value, ValueArray } from "./values.ts";

type Make = (name: string, type: Type, read: FieldRow["read"], more: Partial<FieldRow>) => FieldRow;

const bodyPhases = ["http_request_firewall_custom", "http_ratelimit", "http_request_firewall_managed"];

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

function perPart(name: string, pick: (part: MultipartPart) => string | undefined): FieldRow["read"] {
  return (request) =>
    request.derived(name, () =>
      parts(request).map((part): ValueArray => {
        const value = pick(part);
        return value === undefined ? [] : [value];
      }),
    );
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

/** Fields of the request's body: Enterprise; in rate limiting only with Advanced Rate Limiting. */
export function bodyFields(make: Make): FieldRow[] {
  const gate: Partial<FieldRow> = {
    plan: "enterprise",
    phases: bodyPhases,
    rateLimit: "advanced",
    characteristic: "advanced",
  };
  const prefix = "http.request.body";
  const cached = <T extends ValueArray | ReadonlyMap<string, Value>>(
    name: string,
    read: (r: RequestFields) => T,
  ) => [name, (r: RequestFields) => r.derived(name, () => read(r))] as const;
  const [formName, formRead] = cached(`${prefix}.form`, (r) => form(r).map);
  const [namesName, namesRead] = cached(`${prefix}.form.names`, (r) => form(r).names);
  const [valuesName, valuesRead] = cached(`${prefix}.form.values`, (r) => form(r).values);
  const [partsName, partsRead] = cached(`${prefix}.multipart`, partsByName);
  const [partValuesName, partValuesRead] = cached(`${prefix}.multipart.values`, (r) =>
    parts(r).map((p) => p.value),
  );
  const listed = (suffix: string, pick: (part: MultipartPart) => string | undefined) =>
    make(
      `${prefix}.multipart.${suffix}`,
      "Array<Array<String>>",
      perPart(`${prefix}.multipart.${suffix}`, pick),
      gate,
    );
  return [
    make(`${prefix}.raw`, "String", (r) => r.input.body ?? "", gate),
    make(`${prefix}.size`, "Integer", (r) => (r.input.body ?? "").length, gate),
    make(`${prefix}.truncated`, "Bool", (r) => r.input.bodyTruncated ?? false, gate),
    make(formName, "Map<Array<String>>", formRead, gate),
    make(namesName, "Array<String>", namesRead, gate),
    make(valuesName, "Array<String>", valuesRead, gate),
    make(partsName, "Map<Array<String>>", partsRead, gate),
    make(partValuesName, "Array<String>", partValuesRead, gate),
    listed("names", (part) => part.name),
    listed("filenames", (part) => part.filename),
    listed("content_types", (part) => part.contentType),
    listed("content_dispositions", (part) => part.contentDisposition),
    listed("content_transfer_encodings", (part) => part.contentTransferEncoding),
  ];
}
