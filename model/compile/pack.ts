import { hash } from "node:crypto";

/** A bucket of a packed rule: all items whose hash begins with `prefix` (binary digits; empty for all). */
export interface Bucket<T> {
  readonly prefix: string;
  readonly items: readonly T[];
}

/**
 * Shares items among as few buckets as fit, by extendible hashing over their keys: a bucket that is too large is
 * split by one more bit of the hash. So an item that comes or goes changes its own bucket (and halves it when it
 * was full), never the others, and no order of the files matters.
 *
 * @param key the stable name of an item
 * @param fits whether these items fit one rule; a single item that does not fit gets a bucket of its own,
 *   as do several of one key
 * @param family items of one family stand together as far as they fit; empty for an item that has none
 * @returns buckets in the order of their prefixes, items in the order of their keys
 */
export function pack<T>(
  items: readonly T[],
  key: (item: T) => string,
  fits: (items: readonly T[]) => boolean,
  family: (item: T) => string = () => "",
): Bucket<T>[] {
  const hashed = items
    .map((item) => ({ item, key: key(item), bits: hashOf(key(item), family(item)) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0));
  const split = (prefix: string, members: typeof hashed): Bucket<T>[] => {
    if (members.length === 0) return [];
    const bucket = { prefix, items: members.map((member) => member.item) };
    // What has one key stays together, whether it fits or not.
    if (members.every((member) => member.key === members[0]?.key) || fits(bucket.items)) return [bucket];
    return ["0", "1"].flatMap((bit) => {
      const longer = prefix + bit;
      return split(
        longer,
        members.filter(({ bits }) => bitOf(bits, prefix.length) === bit),
      );
    });
  };
  return split("", hashed);
}

/** One binary digit of a hash, the highest of its first byte at 0. */
function bitOf(bits: Buffer, at: number): string {
  return String(((bits[at >> 3] ?? 0) >> (7 - (at & 7))) & 1);
}

/** Bits of the hash that items of one family share. */
const FAMILY_BYTES = 2;

function hashOf(key: string, family: string): Buffer {
  const own = hash("sha256", key, "buffer");
  return family === ""
    ? own
    : Buffer.concat([hash("sha256", family, "buffer").subarray(0, FAMILY_BYTES), own]);
}
