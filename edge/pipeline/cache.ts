import type { CacheSettings } from "./actions.ts";
import type { RequestContext } from "./context.ts";
import type { OriginResponse } from "./origin.ts";
import type { HeaderPair } from "./request.ts";

/** What the edge remembers of origins' answers, per point of presence. */
export interface EdgeCache {
  /** The key under which this request's answer may be kept; undefined if it may not. */
  key(context: RequestContext, settings: CacheSettings): string | undefined;
  find(key: string, nowMs: number): OriginResponse | undefined;
  /** Keeps an answer if it may be kept. */
  store(key: string, response: OriginResponse, settings: CacheSettings, context: RequestContext): void;
}

/**
 * Extensions that are cached without a cache rule.
 * Source: developers.cloudflare.com/cache/concepts/default-cache-behavior (asOf 2026-11).
 */
const CACHED_EXTENSIONS: ReadonlySet<string> = new Set(
  (
    "7z avi avif apk bin bmp bz2 class css csv doc docx dmg ejs eot eps exe flac gif gz ico iso jar jpg jpeg js mid midi " +
    "mkv mp3 mp4 ogg otf pdf pict pls png ppt pptx ps rar svg svgz swf tar tif tiff ttf webm webp woff woff2 xls xlsx zip zst"
  ).split(" "),
);

/** Seconds that a successful answer without Cache-Control stays (same source). */
const DEFAULT_TTL_SECONDS = 7200;

/** Answers kept and until when, by key, in the order in which they were stored. */
export type CacheState = Map<string, { readonly response: OriginResponse; readonly until: number }>;

/** At most `capacity` answers in `entries`; the least recently stored go first. */
export function createEdgeCache(capacity: number, entries: CacheState): EdgeCache {
  return {
    key(context, settings) {
      const { method, host, path } = context.fields;
      if ((method !== "GET" && method !== "HEAD") || settings.cache === false) return undefined;
      const extension = /\.([A-Za-z0-9]+)$/.exec(path)?.[1]?.toLowerCase() ?? "";
      if (settings.cache !== true && !CACHED_EXTENSIONS.has(extension)) return undefined;
      // Sorting is not done: argument order is part of Cloudflare's default key.
      const query = keyQuery(context.fields.query, settings);
      return [context.visitor.pop, method, context.received.scheme, host, path, query].join("\n");
    },
    find(key, nowMs) {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      if (nowMs < entry.until) return entry.response;
      entries.delete(key);
      return undefined;
    },
    store(key, response, settings, context) {
      const seconds = timeToLive(response, settings, context.fields.headers.map.has("authorization"));
      if (seconds <= 0) return;
      entries.delete(key);
      const oldest = entries.size >= capacity ? entries.keys().next() : undefined;
      if (oldest?.done === false) entries.delete(oldest.value);
      entries.set(key, { response, until: context.nowMs + seconds * 1000 });
    },
  };
}

function keyQuery(query: string, settings: CacheSettings): string {
  if (settings.ignoreQuery === true) return "";
  const { excludedArguments, includedArguments } = settings;
  if (excludedArguments === undefined && includedArguments === undefined) return query;
  return query
    .split("&")
    .filter((argument) => {
      const name = argument.split("=", 1)[0]!;
      if (excludedArguments?.includes(name)) return false;
      return includedArguments === undefined || includedArguments.includes(name);
    })
    .join("&");
}

/** Seconds an answer may be kept: a cache rule's, else what Cache-Control says (RFC 9111 §5.2.2). */
function timeToLive(response: OriginResponse, settings: CacheSettings, authorized: boolean): number {
  const headers = response.headers ?? [];
  if (headers.some(([name]) => name.toLowerCase() === "set-cookie")) return 0;
  if (response.status !== 200) return 0;
  if (settings.edgeTtl !== undefined) return settings.edgeTtl;
  const control = directives(headers);
  if (["no-store", "no-cache", "private"].some((name) => control.has(name))) return 0;
  // RFC 9111 §3.5: what an Authorization header brought about is for its sender, unless said otherwise.
  if (authorized && !["public", "must-revalidate", "s-maxage"].some((name) => control.has(name))) return 0;
  return Number(control.get("s-maxage") ?? control.get("max-age") ?? DEFAULT_TTL_SECONDS) || 0;
}

function directives(headers: readonly HeaderPair[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const [name, value] of headers) {
    if (name.toLowerCase() !== "cache-control") continue;
    for (const directive of value.split(",")) {
      const [key, argument] = directive.trim().toLowerCase().split("=", 2);
      found.set(key!, argument ?? "");
    }
  }
  return found;
}
