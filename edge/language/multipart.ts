/** One part of a `multipart/form-data` body (RFC 7578). Strings are byte strings. */
export interface MultipartPart {
  readonly name: string | undefined;
  readonly filename: string | undefined;
  readonly contentType: string | undefined;
  readonly contentDisposition: string | undefined;
  readonly contentTransferEncoding: string | undefined;
  readonly value: string;
}

function boundaryOf(contentType: string): string | undefined {
  if (!contentType.toLowerCase().startsWith("multipart/form-data")) return undefined;
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType);
  return match?.[1] ?? match?.[2];
}

function parameter(disposition: string, name: string): string | undefined {
  const match = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^\\s;"]+))`, "i").exec(disposition);
  return match?.[1] ?? match?.[2];
}

function partOf(text: string): MultipartPart | undefined {
  const blank = text.indexOf("\r\n\r\n");
  if (blank < 0) return undefined;
  const headers = new Map<string, string>();
  for (const line of text.slice(0, blank).split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
  const disposition = headers.get("content-disposition");
  return {
    name: disposition === undefined ? undefined : parameter(disposition, "name"),
    filename: disposition === undefined ? undefined : parameter(disposition, "filename"),
    contentType: headers.get("content-type"),
    contentDisposition: disposition,
    contentTransferEncoding: headers.get("content-transfer-encoding"),
    value: text.slice(blank + 4),
  };
}

/** The parts of a body; none when it is not `multipart/form-data` or has no boundary. */
export function multipartParts(contentType: string, body: string): readonly MultipartPart[] {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return [];
  const parts: MultipartPart[] = [];
  for (const chunk of `\r\n${body}`.split(`\r\n--${boundary}`).slice(1)) {
    if (chunk.startsWith("--")) break;
    const lineEnd = chunk.indexOf("\r\n");
    const part = lineEnd < 0 ? undefined : partOf(chunk.slice(lineEnd + 2));
    if (part !== undefined) parts.push(part);
  }
  return parts;
}
