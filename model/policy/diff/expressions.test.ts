import { expect, test } from "vitest";
import { canonical, expressionDifferences } from "./expressions.ts";

const [XX, YY, BOT, ADMIN] = [
  'ip.src.country eq "XX"',
  'ip.src.country eq "YY"',
  "cf.bot_management.verified_bot",
  'starts_with(http.request.uri.path, "/admin")',
];

test.each([
  [`(${XX})`, XX],
  [`${XX} or ${BOT}`, `${BOT} or (${XX})`],
  [`${XX} and (${BOT} and ${ADMIN})`, `(${ADMIN} && ${XX}) and ${BOT}`],
  [`not (${XX} or ${BOT})`, `!(${BOT} || ${XX})`],
  [`not (${XX} and (${BOT} or ${ADMIN}))`, `not ((${ADMIN} or ${BOT}) and ${XX})`],
  ['ip.src.country in {"B" "A"}', 'ip.src.country in {"A" "B"}'],
  ["ip.src.asnum in {9 1..3}", "ip.src.asnum in {1..3 9}"],
  [
    `any(http.request.headers["a"][*] contains "x") or ${XX}`,
    `${XX} or any(http.request.headers["a"][*] contains "x")`,
  ],
])("%s says what %s says", (one, other) => {
  expect(canonical(one)).toBe(canonical(other));
  expect(canonical(canonical(one))).toBe(canonical(one));
});

test.each([
  [`${XX} or ${BOT}`, `${XX} and ${BOT}`],
  [`${XX} and (${BOT} or ${ADMIN})`, `(${XX} and ${BOT}) or ${ADMIN}`],
  [`not (${XX} or ${BOT})`, `not ${XX} or ${BOT}`],
  [`${XX} and ${XX}`, XX],
  ['ip.src.country in {"A"}', 'ip.src.country in {"A" "B"}'],
])("%s says other than %s", (one, other) => {
  expect(canonical(one)).not.toBe(canonical(other));
});

test.each<[string, string, string[]]>([
  [XX, XX, []],
  [XX, YY, [`expression: ${XX} > ${YY}`]],
  [`${XX} or ${BOT}`, `${YY} or ${BOT}`, [`expression, within or: ${XX} > ${YY}`]],
  [`${XX} or ${BOT}`, `${XX} or ${BOT} or ${ADMIN}`, [`expression, within or: - > ${ADMIN}`]],
  [
    `${ADMIN} and not (${XX} or ${BOT})`,
    `${ADMIN} and not (${YY} or ${BOT})`,
    [`expression, within and > not > or: ${XX} > ${YY}`],
  ],
  [
    `${XX} or ${BOT}`,
    `${YY} or ${ADMIN}`,
    [
      `expression, within or: ${BOT} > -`,
      `expression, within or: ${XX} > -`,
      `expression, within or: - > ${YY}`,
      `expression, within or: - > ${ADMIN}`,
    ],
  ],
  [`${XX} or ${XX} or ${BOT}`, `${XX} or ${BOT}`, [`expression, within or: ${XX} > -`]],
  [`${XX} or ${BOT}`, `${BOT} and ${XX}`, [`expression: ${BOT} or ${XX} > ${BOT} and ${XX}`]],
])("%s against %s", (before, after, expected) => {
  const told = expressionDifferences(canonical(before), canonical(after));
  expect(told.map(({ name, before: was = "-", after: is = "-" }) => `${name}: ${was} > ${is}`)).toEqual(
    expected,
  );
});
