import { describe, expect, test } from "vitest";
import { cidrRange, compareIp, type IpAddress, ipText, networkOf, parseIp } from "./ip.ts";

function ip(text: string): IpAddress {
  const address = parseIp(text);
  if (address === undefined) throw new Error(`${text} is no address`);
  return address;
}

describe("parseIp and ipText", () => {
  test.each([
    ["0.0.0.0", "0.0.0.0"],
    ["255.255.255.255", "255.255.255.255"],
    ["192.0.2.7", "192.0.2.7"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["2001:DB8::0:7", "2001:db8::7"],
    ["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
    ["1:0:2:0:3:0:4:0", "1:0:2:0:3:0:4:0"],
    ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"],
    ["::ffff:192.0.2.1", "::ffff:c000:201"],
    ["1:2:3:4:5:6:192.0.2.1", "1:2:3:4:5:6:c000:201"],
    ["::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8"],
  ])("%s is %s", (text, printed) => {
    expect(ipText(ip(text))).toBe(printed);
  });

  test.each([
    ...["", "1.2.3", "1.2.3.4.5", "1.2.3.256", "01.2.3.4", "1.2.3.a", " 1.2.3.4", "1.2.3.4/8"],
    ...[":", ":::", "1:2", "1::2::3", "1:2:3:4:5:6:7:8:9", "::1:2:3:4:5:6:7:8", "12345::", "g::"],
    ...["1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "1.2.3.4::", "::1.2.3", "fe80::1%eth0", "1".repeat(100)],
  ])("%s is no address", (text) => {
    expect(parseIp(text)).toBeUndefined();
  });
});

test("IPv4 orders before IPv6, within a version by number", () => {
  const sorted = ["::2", "10.0.0.1", "::1", "9.0.0.0", "1::", "200.0.0.1"]
    .map(ip)
    .sort(compareIp)
    .map(ipText);
  expect(sorted).toEqual(["9.0.0.0", "10.0.0.1", "200.0.0.1", "::1", "::2", "1::"]);
});

test.each([
  ["192.0.2.77", 24, "192.0.2.0", "192.0.2.255"],
  ["192.0.2.77", 32, "192.0.2.77", "192.0.2.77"],
  ["192.0.2.77", 0, "0.0.0.0", "255.255.255.255"],
  ["192.0.2.77", 31, "192.0.2.76", "192.0.2.77"],
  ["2001:db8:1:2::3", 48, "2001:db8:1::", "2001:db8:1:ffff:ffff:ffff:ffff:ffff"],
  ["2001:db8:1:2::3", 33, "2001:db8::", "2001:db8:7fff:ffff:ffff:ffff:ffff:ffff"],
  ["2001:db8::3", 128, "2001:db8::3", "2001:db8::3"],
  ["2001:db8::3", 0, "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"],
] as const)("%s/%i goes from %s to %s", (text, prefix, first, last) => {
  const range = cidrRange(ip(text), prefix);
  expect([ipText(range.first), ipText(range.last)]).toEqual([first, last]);
  expect(ipText(networkOf(ip(text), prefix))).toBe(first);
});
