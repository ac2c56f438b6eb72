import { suffixOf } from "../definition/hostNames.ts";
import type { HostDefinition } from "../definition/types.ts";
import { all, any, isOneOf, not, quote } from "./expressions.ts";

const HOST = "http.host";

/** Bytes of a host name as definitions write it, and `_`, which some names have. */
const PLAIN = "abcdefghijklmnopqrstuvwxyz0123456789-._";

/** The request is for the host, spelled as in the definitions, and no other host takes it. */
export function hostIs({ host, taken }: HostDefinition): string {
  const suffix = suffixOf(host);
  if (suffix === undefined) return `${HOST} eq ${quote(host)}`;
  const names = taken.filter((other) => suffixOf(other) === undefined);
  return all(
    endsIn(HOST, suffix),
    names.length === 0 ? undefined : not(isOneOf(HOST, names)),
    ...taken.flatMap((other) => {
      const longer = suffixOf(other);
      return longer === undefined ? [] : [not(endsIn(HOST, longer))];
    }),
  );
}

/** The request is for one of the hosts. */
export function hostsAre(hosts: readonly HostDefinition[]): string {
  const names = hosts.filter(({ host }) => suffixOf(host) === undefined).map(({ host }) => host);
  const wildcards = hosts.filter(({ host }) => suffixOf(host) !== undefined);
  return any([...(names.length === 0 ? [] : [isOneOf(HOST, names)]), ...wildcards.map(hostIs)]);
}

/**
 * The condition under which a request names the host in another spelling: other letters, a port, a dot at the end. A
 * wildcard means those of the names that other hosts take from it, too: whoever reads them otherwise may take them so.
 */
export function otherSpelling({ host }: HostDefinition): string {
  const read = `lower(${HOST})`;
  const suffix = suffixOf(host);
  if (suffix !== undefined) {
    return any([
      all(endsIn(read, suffix), `len(remove_bytes(${HOST}, ${quote(PLAIN)})) > 0`),
      endsIn(read, `${suffix}.`),
      ...[":", ".:"].map((end) => `${read} contains ${quote(suffix + end)}`),
    ]);
  }
  const spellings = [
    `${read} eq ${quote(host)}`,
    ...[":", "."].map((end) => `starts_with(${read}, ${quote(host + end)})`),
  ];
  return all(`${HOST} ne ${quote(host)}`, any(spellings));
}

function endsIn(text: string, end: string): string {
  return `ends_with(${text}, ${quote(end)})`;
}
