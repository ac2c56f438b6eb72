import type { z } from "zod";
import { show } from "../definition/secrets.ts";
import { readSource, type Source } from "../definition/source.ts";
import { type Suppression, suppressionsIn } from "../definition/suppressions.ts";
import { METHODS } from "../facts/methods.ts";
import { problem } from "../problem/codes.ts";
import { errorsOf, type Problem } from "../problem/problem.ts";
import { documentSchema, operationSchema, pathItemSchema, type Server, schemeSchema } from "./schema.ts";
import type { Alternative, ApiDocument, Operation, SecurityScheme } from "./types.ts";

type Path = readonly PropertyKey[];

/**
 * Reads an OpenAPI 3.0 or 3.1 document, YAML or JSON: its servers, security schemes and operations.
 *
 * @param path how problems name the document
 * @returns `api` is absent where a problem is an error, since what was not understood might be what closes an operation;
 *   `suppressions` are warnings that comments in it say to pass over
 */
export function readApiDocument(
  path: string,
  text: string,
): {
  readonly api?: ApiDocument;
  readonly problems: readonly Problem[];
  readonly source: Source;
  readonly suppressions: readonly Suppression[];
} {
  const source = readSource(path, text);
  const { suppressions, problems: remarks } = suppressionsIn(source);
  // Documents of others may use aliases; what each stands for is in the data.
  const syntax = source.problems.filter(({ code }) => code !== "YAML_ALIAS");
  if (syntax.length > 0) return { problems: syntax, source, suppressions };
  const reading = new Reading(source);
  const api = readDocument(reading);
  const problems = [...reading.problems, ...remarks];
  const read = { problems, source, suppressions };
  return api === undefined || errorsOf(problems).length > 0 ? read : { ...read, api };
}

class Reading {
  readonly source: Source;
  readonly problems: Problem[] = [];

  constructor(source: Source) {
    this.source = source;
  }

  report(at: Path, message: string, hint: string): void {
    this.problems.push(problem("OPENAPI_INVALID", this.source.at(at), message, hint));
  }

  /** A part of the document in the shape that the specification gives it; undefined, and reported, where it has another. */
  part<S extends z.ZodType>(schema: S, value: unknown, at: Path): z.infer<S> | undefined {
    if (isMap(value) && Object.hasOwn(value, "<<")) {
      this.report([...at, "<<"], "a merge key `<<` is not part of YAML 1.2", "write its members out");
      return undefined;
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    for (const issue of parsed.error.issues) {
      const place = [...at, ...issue.path];
      this.report(place, `${named(place)} does not fit`, issue.message);
    }
    return undefined;
  }

  /** What a local `$ref` stands for, with the place where that stands; the value itself where it is none. */
  resolve(value: unknown, at: Path, depth = 0): { readonly value: unknown; readonly at: Path } | undefined {
    if (!isMap(value) || typeof value.$ref !== "string") return { value, at };
    const pointer = /^#((?:\/[^/]*)+)$/.exec(value.$ref)?.[1];
    if (pointer === undefined || depth > 20) {
      const reason = depth > 20 ? "refers to itself" : "refers to another document";
      this.report([...at, "$ref"], `${named(at)} ${reason}`, "bundle the document into one file first");
      return undefined;
    }
    const target = targetOf(pointer);
    const found = target && valueAt(this.source.data, target);
    if (target === undefined || found === undefined) {
      this.report([...at, "$ref"], `${named(at)} refers to nothing`, "mend the reference");
      return undefined;
    }
    return this.resolve(found, target, depth + 1);
  }
}

/** The path that a JSON pointer in a URI fragment means (RFC 6901 section 6); undefined where an escape in it is none. */
function targetOf(pointer: string): string[] | undefined {
  try {
    return pointer
      .slice(1)
      .split("/")
      .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  } catch {
    return undefined;
  }
}

function readDocument(reading: Reading): ApiDocument | undefined {
  const { source } = reading;
  const document = reading.part(documentSchema, source.data ?? {}, []);
  if (document === undefined) return undefined;
  const schemes = new Map<string, SecurityScheme>();
  for (const [name, value] of Object.entries(document.components?.securitySchemes ?? {})) {
    const scheme = readScheme(reading, value, ["components", "securitySchemes", name]);
    if (scheme !== undefined) schemes.set(name, scheme);
  }
  const names = new Set(Object.keys(document.components?.securitySchemes ?? {}));
  checkNames(reading, names, document.security, ["security"]);
  let silent = document.security === undefined;
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, raw]) => {
    if (path.startsWith("x-")) return [];
    const place = ["paths", path];
    if (!path.startsWith("/")) {
      reading.report(place, `${named(place)} is no path`, "a path begins with /");
      return [];
    }
    const items = pathItems(reading, raw, place);
    return METHODS.flatMap((method): Operation[] => {
      const member = method.toLowerCase();
      const found = items.find(({ item }) => item[member] !== undefined);
      if (found === undefined) return [];
      const { item } = found;
      const at = [...found.at, member];
      const operation = reading.part(operationSchema, item[member], at);
      if (operation === undefined) return [];
      checkNames(reading, names, operation.security, [...at, "security"]);
      if (operation.security !== undefined) silent = false;
      const stated = operation.security ?? document.security ?? [];
      const own = items.find((each) => each.item.servers !== undefined)?.item.servers;
      const servers = operation.servers ?? own ?? document.servers ?? [];
      const { host, base } = addressOf(reading, servers[0], at);
      return [
        {
          ...(operation.operationId === undefined ? {} : { operationId: operation.operationId }),
          method,
          path: `${base}${path}`,
          base,
          host,
          servers: servers.length,
          alternatives: stated.length === 0 ? [[]] : stated.map(alternativeOf),
          at: source.atKey(at),
        },
      ];
    });
  });
  if (operations.length === 0 && reading.problems.length === 0)
    reading.report(["paths"], "the document has no operation", "name a document with paths");
  const { title, version } = document.info;
  return { title, version, schemes, operations, silent, at: source.at(["servers"]) };
}

/** A path item, and behind it what its `$ref` brings: its own members go first. */
function pathItems(reading: Reading, raw: unknown, place: Path) {
  const resolved = reading.resolve(raw, place);
  const parts = resolved === undefined || resolved.value === raw ? [] : [resolved];
  return [{ value: raw, at: place }, ...parts].flatMap(({ value, at }) => {
    const item = reading.part(pathItemSchema, value, at);
    return item === undefined ? [] : [{ item, at }];
  });
}

function readScheme(reading: Reading, raw: unknown, place: Path): SecurityScheme | undefined {
  const resolved = reading.resolve(raw, place);
  if (resolved === undefined) return undefined;
  const scheme = reading.part(schemeSchema, resolved.value, resolved.at);
  switch (scheme?.type) {
    case undefined:
      return undefined;
    case "http":
      return scheme.scheme.toLowerCase() === "bearer"
        ? { kind: "token" }
        : { kind: "other", what: `http ${show(scheme.scheme)}` };
    case "oauth2":
      return { kind: "token" };
    case "openIdConnect": {
      const issuer = /^(https:\/\/.+)\/\.well-known\/openid-configuration$/.exec(
        scheme.openIdConnectUrl,
      )?.[1];
      return { kind: "token", ...(issuer === undefined ? {} : { issuer: `${issuer}/` }) };
    }
    case "apiKey":
      return { kind: "other", what: `an API key in ${scheme.in} ${show(scheme.name)}` };
    case "mutualTLS":
      return { kind: "other", what: "a client certificate" };
  }
}

type Stated = readonly Readonly<Record<string, readonly string[]>>[];

/** A scheme that nothing defines could be anything. */
function checkNames(
  reading: Reading,
  names: ReadonlySet<string>,
  stated: Stated | undefined,
  at: Path,
): void {
  for (const [index, each] of (stated ?? []).entries()) {
    for (const name of Object.keys(each)) {
      if (names.has(name)) continue;
      const hint = "define it under components.securitySchemes";
      reading.report([...at, index, name], `no security scheme ${show(name)} is defined`, hint);
    }
  }
}

function alternativeOf(stated: Readonly<Record<string, readonly string[]>>): Alternative {
  return Object.entries(stated).map(([scheme, scopes]) => ({ scheme, scopes }));
}

/** Host and path prefix of a server, its variables at their defaults. */
function addressOf(
  reading: Reading,
  server: Server | undefined,
  at: Path,
): { readonly host: string | undefined; readonly base: string } {
  if (server === undefined) return { host: undefined, base: "" };
  const url = server.url.replaceAll(/\{([^}]*)\}/g, (whole, name: string) =>
    String(server.variables?.[name]?.default ?? whole),
  );
  const [, authority, path = ""] = /^(?:https?:)?\/\/([^/?#]*)([^?#]*)/i.exec(url) ?? [];
  if (authority === undefined && !/^(\/|\.|$)/.test(url)) {
    reading.report(at, `the server ${show(url)} is no http address`, "write https://host/path");
  }
  const base = authority === undefined ? url.replace(/^\.?\/?/, "/").replace(/[?#].*$/, "") : path;
  const host = authority?.replace(/^.*@/, "").replace(/:\d*$/, "").toLowerCase();
  return { host, base: base.replace(/\/+$/, "") };
}

/** A place in the document as people write it, for messages. */
function named(path: Path): string {
  return path.length === 0 ? "the document" : path.map((part) => show(String(part))).join(" → ");
}

function valueAt(data: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (value, part) =>
      (isMap(value) || Array.isArray(value)) && Object.hasOwn(value, part)
        ? (value as Record<PropertyKey, unknown>)[part]
        : undefined,
    data,
  );
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
