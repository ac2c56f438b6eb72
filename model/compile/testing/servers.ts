/*
 * What servers, and what stands in front of them, make of a path, each as small as its documentation allows. A path
 * is a byte string as it came over the wire; a reading is the path that decides what is served, decoded.
 */

export interface Server {
  readonly name: string;
  readonly source: string;
  /** The path that decides; undefined when the server refuses the request. */
  readonly read: (path: string) => string | undefined;
}

/** What a proxy sends on; undefined when it refuses the request. */
export type Proxy = Server;

/** Decodes every escape once; undefined when one is none. */
function decoded(path: string): string | undefined {
  if (/%(?![0-9a-f]{2})/i.test(path)) return undefined;
  return path.replaceAll(/%(..)/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** RFC 3986 section 5.2.4; above the root there is nothing. */
function withoutDots(path: string): string {
  const kept: string[] = [];
  const segments = path.split("/").slice(1);
  for (const [index, segment] of segments.entries()) {
    if (segment === "..") kept.pop();
    else if (segment !== ".") kept.push(segment);
    if (index === segments.length - 1 && /^\.\.?$/.test(segment)) kept.push("");
  }
  return `/${kept.join("/")}`;
}

/** True for a control character of ASCII. */
const control = (byte: string) => byte < " " || byte === "\x7f";
const hex = (byte: string) => `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;

const merged = (path: string) => path.replaceAll(/\/{2,}/g, "/");
const cleaned = (path: string | undefined) => (path === undefined ? undefined : withoutDots(merged(path)));
const before = (path: string, ends: RegExp) => path.split(ends)[0] ?? "";

/** Decoded, and normalized to compatibility forms. */
function normalizedText(path: string): string | undefined {
  const plain = decoded(path);
  if (plain === undefined) return undefined;
  return Buffer.from(Buffer.from(plain, "latin1").toString("utf8").normalize("NFKC")).toString("latin1");
}

/** Decodes UTF-8 without asking whether it is the shortest form. */
function lenientUtf8(bytes: string): string {
  return bytes.replaceAll(/[\xc0-\xfd][\x80-\xbf]+/g, (sequence) => {
    const [lead = 0, ...rest] = [...sequence].map((byte) => byte.charCodeAt(0));
    const length = [0xc0, 0xe0, 0xf0, 0xf8, 0xfc].findLastIndex((least) => lead >= least) + 1;
    const value = rest
      .slice(0, length)
      .reduce((sum, byte) => sum * 64 + (byte & 0x3f), lead & (0x3f >> length));
    return value < 0x80 ? String.fromCharCode(value) + sequence.slice(length + 1) : sequence;
  });
}

const nginx = (path: string) => {
  const plain = decoded(before(path, /[?#]/));
  return plain?.includes("\0") || [...path].some((byte) => control(byte) || byte === " ")
    ? undefined
    : cleaned(plain);
};

const tomcat = (path: string) => {
  const target = before(path, /\?/);
  if (/[^!-~]|["<>[\\\]^`{|}#]|%2f/i.test(target)) return undefined;
  const plain = decoded(target.replaceAll(/;[^/]*/g, ""));
  return plain === undefined || /[\\\0]/.test(plain) ? undefined : cleaned(plain);
};

export const servers: readonly Server[] = [
  {
    name: "nginx",
    source: "nginx.org: ngx_http_core_module, location; ngx_http_parse_complex_uri",
    read: nginx,
  },
  {
    name: "Apache httpd",
    source: "httpd.apache.org: core, AllowEncodedSlashes, MergeSlashes; ap_unescape_url",
    read: (path) => {
      const target = before(path, /[?#]/);
      return /%2f|%00/i.test(target) || [...target].some(control) ? undefined : cleaned(decoded(target));
    },
  },
  {
    name: "Tomcat",
    source: "tomcat.apache.org: HTTP connector, encodedSolidusHandling; CoyoteAdapter.postParseRequest",
    read: tomcat,
  },
  {
    name: "Tomcat before 6.0.18",
    source: "CVE-2008-2938: UTF-8 is decoded without a check of its length, behind the check of the path",
    read: (path) => {
      const plain = decoded(before(path, /\?/).replaceAll(/;[^/]*/g, ""));
      return plain === undefined ? undefined : cleaned(lenientUtf8(plain));
    },
  },
  {
    name: "Node, URL and send",
    source: "url.spec.whatwg.org, path state; npm: send, which decodes and then normalizes",
    read: (path) => {
      try {
        const { pathname } = new URL(`http://host${Buffer.from(path, "latin1").toString("utf8")}`);
        return cleaned(Buffer.from(decodeURIComponent(pathname)).toString("latin1"));
      } catch {
        return undefined;
      }
    },
  },
  {
    name: "Node, Express",
    source: "expressjs.com: routes are matched on the path as sent, parameters decoded one by one",
    read: (path) => before(path, /\?/),
  },
  {
    name: "Go",
    source: "pkg.go.dev: net/url Parse; net/http ServeMux, which cleans paths",
    read: (path) => ([...path].some(control) ? undefined : cleaned(decoded(before(path, /\?/)))),
  },
  {
    name: "IIS",
    source: "learn.microsoft.com: Http.sys registry settings, PercentUAllowed; \\ separates folders",
    read: (path) => {
      const units = before(path, /\?/).replaceAll(/%u00([0-9a-f]{2})/gi, "%$1");
      return cleaned(decoded(units)?.replaceAll("\\", "/"));
    },
  },
  {
    name: "a program that normalizes text",
    source: "UAX #15 (NFKC), then as on Windows",
    read: (path) => cleaned(normalizedText(before(path, /\?/))?.replaceAll("\\", "/")),
  },
  {
    name: "a program that ends text at NUL and drops control characters",
    source: "CWE-158; CVE-2006-7243",
    read: (path) => {
      const plain = decoded(before(path, /\?/));
      return cleaned([...before(plain ?? "", /\0/)].filter((byte) => !control(byte)).join(""));
    },
  },
];

export const proxies: readonly Proxy[] = [
  {
    name: "none, or one that sends on what it got",
    source: "proxy_pass without a path",
    read: (path) => path,
  },
  {
    name: "nginx, proxy_pass with a path",
    source: "nginx.org: ngx_http_proxy_module, proxy_pass; ngx_escape_uri",
    read: (path) => nginx(path)?.replaceAll(/[^!-~]|[#%?]/g, hex),
  },
  {
    name: "nginx, proxy_pass with $uri",
    source: "github.com/yandex/gixy: http_splitting; the decoded path is sent on as it is",
    read: nginx,
  },
  {
    name: "Apache, RewriteRule [P] before 2.4.60",
    source: "CVE-2024-38474: an encoded question mark in a backreference",
    read: (path) => (/%2f|%00/i.test(path) ? undefined : cleaned(decoded(path))?.replaceAll("%", "%25")),
  },
  {
    name: "a program that normalizes text",
    source: "UAX #15 (NFKC); the normalized path is sent on as it is",
    read: normalizedText,
  },
];

/** A zone's URL normalization, or none (developers.cloudflare.com: rules/normalization/how-it-works, 2026-11). */
export const normalizations: Readonly<Record<"none" | "rfc3986" | "cloudflare", (path: string) => string>> = {
  none: (path) => path,
  rfc3986: (path) => withoutDots(written(path)),
  cloudflare: (path) => withoutDots(merged(written(path.replaceAll("\\", "/")))),
};

function written(path: string): string {
  return path
    .replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) => {
      const byte = String.fromCharCode(Number.parseInt(digits, 16));
      return /[A-Za-z0-9\-._~]/.test(byte) ? byte : hex(byte);
    })
    .replaceAll(/%(?![0-9A-F]{2})|[^A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]/g, hex);
}
