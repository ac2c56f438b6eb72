/*
 * Names of hosts, and which requests each of them means. A wildcard host is written `*.example.com`: its `*` stands for
 * one label or several, as in Cloudflare's wildcard DNS records (RFC 4592 section 2.1), so that `example.com` itself is
 * not meant. A name goes before a wildcard, and a wildcard below it before another: it takes its requests entirely.
 */

const NAME = /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/;

/** Whether a text is a plain host name. */
export function isHost(text: string): boolean {
  return NAME.test(text);
}

/** Whether a text is a host as files name hosts: a plain name, or a wildcard. */
export function isHostPattern(text: string): boolean {
  return isHost(text.replace(/^\*\./, ""));
}

/** What the names of a wildcard host end in, with the dot; undefined for a host of one name. */
export function suffixOf(host: string): string | undefined {
  return host.startsWith("*.") ? host.slice(1) : undefined;
}

/** Whether all names of a host are names of a wildcard host, and not the reverse. */
export function isBelow(host: string, wildcard: string): boolean {
  const suffix = suffixOf(wildcard);
  return suffix !== undefined && host !== wildcard && host.endsWith(suffix);
}

/** The name that a stack has for a host, which is its own where it says none. */
export function nameIn(hosts: Readonly<Record<string, string>> | undefined, host: string): string {
  return hosts !== undefined && Object.hasOwn(hosts, host) ? (hosts[host] ?? host) : host;
}

/** Those of the hosts to which a plain name belongs: one, or none. */
export function hostFor<T extends { readonly host: string }>(
  name: string,
  hosts: readonly T[],
): T | undefined {
  return hosts
    .filter(({ host }) => host === name || isBelow(name, host))
    .sort((a, b) => Number(a.host !== name) - Number(b.host !== name) || b.host.length - a.host.length)[0];
}

/** A name of a host for requests that are made up: its own, or one below a wildcard that no other of the hosts takes. */
export function sampleName(host: string, taken: readonly string[]): string {
  const suffix = suffixOf(host);
  if (suffix === undefined) return host;
  let name = `keyturn${suffix}`;
  for (let number = 2; taken.includes(name); number += 1) name = `keyturn-${number}${suffix}`;
  return name;
}
