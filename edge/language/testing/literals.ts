import fc from "fast-check";

export type Text = fc.Arbitrary<string>;

/** The lists that generated expressions name. */
export const listNames = ["office_network", "partners", "hosts"] as const;

const names = [
  "a",
  "x-api-key",
  "cookie",
  "accept",
  "verify",
  "é",
  "",
  "__proto__",
  "constructor",
  'q"uote',
] as const;
const words = [
  "",
  "a",
  "/admin/",
  "api.example.com",
  "ünïcode",
  "orders:read",
  "%2f",
  "a b",
  'say "hi"',
  "back\\slash",
];

/** A string in quotes. */
export function quote(value: string): string {
  return `"${value.replace(/[\\"]/g, "\\$&")}"`;
}

function raw(value: string): string {
  let fence = "";
  while (value.includes(`"${fence}`)) fence += "#";
  return `r${fence}"${value}"${fence}`;
}

export const stringLiteral: Text = fc
  .tuple(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 8 })), fc.boolean())
  .map(([value, isRaw]) => (isRaw ? raw(value) : quote(value)))
  .chain((text) => fc.constantFrom(text, text, text, '"\\x61\\xff\\141"'));
export const key: Text = fc.constantFrom(...names).map(quote);
export const integerLiteral: Text = fc
  .oneof(
    fc.integer({ min: -5, max: 130 }),
    fc.constantFrom(1_790_000_000, 9_007_199_254_740_993n, -(2n ** 63n)),
  )
  .chain((value) => fc.constantFrom(String(value), value < 0 ? String(value) : `0x${value.toString(16)}`));
export const v4: Text = fc.tuple(fc.nat(255), fc.nat(3), fc.nat(255)).map(([a, b, c]) => `${a}.${b}.0.${c}`);
export const v6: Text = fc.constantFrom(
  "::",
  "::1",
  "2001:db8::7",
  "fe80::1:2",
  "::ffff:192.0.2.1",
  "1:2:3:4:5:6:7:8",
);
const block: Text = fc.constantFrom(
  "10.0.0.0/8",
  "192.0.2.0/24",
  "0.0.0.0/0",
  "2001:db8::/32",
  "::/0",
  "1.2.3.4/32",
);
export const blank: Text = fc.constantFrom(" ", " ", "  ", "\n", "\r\n");

const regexes = [
  "^/a",
  "a|b",
  "[0-9]+",
  "\\.php$",
  "(?i)x",
  "^(a+)+$",
  "é",
  "\\w\\b",
  "x{2,5}",
  'q"',
  ".",
  '[^"]',
  "\\xe9",
];
export const regexLiteral: Text = fc
  .tuple(fc.constantFrom(...regexes), fc.boolean())
  .map(([pattern, isRaw]) => (isRaw || pattern.includes('"') ? raw(pattern) : `"${pattern}"`));
export const wildcardLiteral: Text = fc
  .constantFrom("*", "/a*", "*.example.com", "a*b*c", "", "x", "\\*", "a\\\\*")
  .map(raw);

/** An inline list of up to 6 such items. */
export function list(item: Text): Text {
  return fc.array(item, { maxLength: 6 }).map((items) => `{${items.join(" ")}}`);
}

export const integerItem = fc.oneof(
  integerLiteral,
  fc.tuple(fc.nat(50), fc.nat(50)).map(([from, more]) => `${from}..${from + more}`),
);
export const ipItem = fc.oneof(
  v4,
  v6,
  block,
  fc.constantFrom("10.0.0.1..10.0.0.9", "::1..::ff", "198.51.100.3..198.51.100.7"),
);
export const namedList: Text = fc.constantFrom(...listNames).map((name) => `$${name}`);
