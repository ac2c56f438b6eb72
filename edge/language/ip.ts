/**
 * An address as numbers. IPv4 lives in the last word; IPv6 in all four, most significant first.
 * An IPv4-mapped IPv6 address is an IPv6 address here.
 */
export interface IpAddress {
  readonly version: 4 | 6;
  readonly words: readonly [number, number, number, number];
}

/** An inclusive span of addresses of one version. */
export interface IpRange {
  readonly first: IpAddress;
  readonly last: IpAddress;
}

function parseV4(text: string): number | undefined {
  const parts = text.split(".");
  if (parts.length !== 4) return undefined;
  let word = 0;
  for (const part of parts) {
    if (!/^(?:0|[1-9][0-9]{0,2})$/.test(part)) return undefined;
    const octet = Number(part);
    if (octet > 255) return undefined;
    word = word * 256 + octet;
  }
  return word;
}

function groupsOf(text: string): number[] | undefined {
  if (text === "") return [];
  const groups: number[] = [];
  const parts = text.split(":");
  for (const [index, part] of parts.entries()) {
    if (part.includes(".") && index === parts.length - 1) {
      const word = parseV4(part);
      if (word === undefined) return undefined;
      groups.push(Math.floor(word / 65536), word % 65536);
    } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
    else return undefined;
  }
  return groups;
}

function parseV6(text: string): number[] | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? "");
  if (head === undefined) return undefined;
  if (halves.length === 1) return head.length === 8 ? head : undefined;
  if ((halves[0] ?? "").includes(".")) return undefined;
  const tail = groupsOf(halves[1] ?? "");
  if (tail === undefined || head.length + tail.length > 7) return undefined;
  return [...head, ...new Array<number>(8 - head.length - tail.length).fill(0), ...tail];
}

/** Reads an IPv4 or IPv6 address (RFC 4291 text forms, no zone); `undefined` for anything else. */
export function parseIp(text: string): IpAddress | undefined {
  if (text.length > 45) return undefined;
  if (!text.includes(":")) {
    const word = parseV4(text);
    return word === undefined ? undefined : { version: 4, words: [0, 0, 0, word] };
  }
  const groups = parseV6(text);
  if (groups === undefined) return undefined;
  const word = (index: number) => (groups[index] as number) * 65536 + (groups[index + 1] as number);
  return { version: 6, words: [word(0), word(2), word(4), word(6)] };
}

/** Prints an address; IPv6 as RFC 5952 says (lower case, longest run of zeros as `::`). */
export function ipText(address: IpAddress): string {
  const { words } = address;
  if (address.version === 4) {
    const word = words[3];
    return [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255].join(".");
  }
  const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
  let best = { at: -1, length: 1 };
  for (let at = 0; at < 8; at++) {
    let length = 0;
    while (at + length < 8 && groups[at + length] === 0) length++;
    if (length > best.length) best = { at, length };
  }
  const hex = (from: number, to: number) =>
    groups
      .slice(from, to)
      .map((group) => group.toString(16))
      .join(":");
  return best.at < 0 ? hex(0, 8) : `${hex(0, best.at)}::${hex(best.at + best.length, 8)}`;
}

/** Orders by version, then by number: negative, zero or positive. */
export function compareIp(a: IpAddress, b: IpAddress): number {
  if (a.version !== b.version) return a.version - b.version;
  for (let index = 0; index < 4; index++) {
    const difference = (a.words[index] as number) - (b.words[index] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** The number of bits of an address of this version. */
export function ipBits(version: 4 | 6): number {
  return version === 4 ? 32 : 128;
}

function mask(address: IpAddress, prefix: number, rest: 0 | 0xffffffff): IpAddress {
  const skipped = address.version === 4 ? 96 : 0;
  const words = address.words.map((word, index) => {
    const kept = Math.min(32, Math.max(0, prefix + skipped - index * 32));
    if (address.version === 4 && index < 3) return word;
    const keep = kept === 0 ? 0 : (0xffffffff << (32 - kept)) >>> 0;
    return ((word & keep) | (rest & ~keep)) >>> 0;
  });
  return { version: address.version, words: words as unknown as IpAddress["words"] };
}

/** The network address: all bits after the first `prefix` cleared. */
export function networkOf(address: IpAddress, prefix: number): IpAddress {
  return mask(address, prefix, 0);
}

/** The addresses of `address/prefix`, first and last. */
export function cidrRange(address: IpAddress, prefix: number): IpRange {
  return { first: mask(address, prefix, 0), last: mask(address, prefix, 0xffffffff) };
}
