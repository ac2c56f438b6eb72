/**
 * The form in which an operation is stored: templates in braces are renamed left to right to `{var1}`,
 * `{var2}`, …, then the path is normalized as RFC 3986 §6.2.2 says (unreserved characters decoded, hex digits
 * in capitals, dot segments removed). Source: developers.cloudflare.com: API Shield, endpoint management.
 */
export function normalizeEndpoint(endpoint: string): string {
  let count = 0;
  const renamed = endpoint.replace(/\{[^{}/]*\}/g, () => {
    count += 1;
    return `{var${count}}`;
  });
  return removeDotSegments(renamed.replace(/%[0-9a-fA-F]{2}/g, normalizedOctet));
}

const hostForm =
  /^(?:(?:\{[^{}.]+\}|[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)\.)*[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?::\d{1,5})?$/i;

/** Whether `host` is a host name of at most 255 characters whose templates fill whole labels. */
export function isHost(host: string): boolean {
  return host.length <= 255 && hostForm.test(host);
}

function normalizedOctet(encoded: string): string {
  const character = String.fromCharCode(Number.parseInt(encoded.slice(1), 16));
  return /[A-Za-z0-9\-._~]/.test(character) ? character : encoded.toUpperCase();
}

function removeDotSegments(path: string): string {
  const out: string[] = [];
  const segments = path.split("/").slice(1);
  segments.forEach((segment, index) => {
    const isLast = index === segments.length - 1;
    if (segment === "..") out.pop();
    if (segment !== "." && segment !== "..") out.push(segment);
    else if (isLast) out.push("");
  });
  return `/${out.join("/")}`;
}
