import { claimPath } from "./claimPath.ts";
import { notLiteral } from "./literals.ts";
import type { Reading } from "./reading.ts";
import type { RequireShape } from "./schema.ts";
import { show } from "./secrets.ts";
import { says } from "./shape.ts";
import {
  type ClaimPlace,
  type ClaimRequirement,
  type ClaimTest,
  REGISTERED_CLAIMS,
  type RegisteredClaim,
} from "./types.ts";

/** Letters, marks, digits, signs and blanks of any script; nothing that cannot be seen. */
const TEXT = /^(?!.*\p{Default_Ignorable_Code_Point})[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,200}$/u;

type Wanted = NonNullable<NonNullable<RequireShape["claims"]>[string]>;
type Tests = Exclude<Wanted, string | number | readonly unknown[]>;
type Values = readonly (string | number)[];
type Fault = { readonly message: string; readonly hint: string };

/** Reads what one claim must be, in as many requirements as are said of it; nothing where it has a problem. */
export function readClaim(
  reading: Reading,
  name: string,
  wanted: Wanted,
  place: readonly PropertyKey[],
): ClaimRequirement[] {
  const { source } = reading.file;
  const path = claimPath(name);
  const tests = typeof wanted === "object" && !Array.isArray(wanted) ? wanted : undefined;
  const said = (member: string) => tests !== undefined && says(source, [...place, member]);
  const read =
    tests === undefined ? [oneOf(valuesOf(wanted as Exclude<Wanted, Tests>))] : readTests(tests, said);
  const isMisfit = reading.file.misfits.some((found) => place.every((part, index) => found[index] === part));
  const faults: Fault[] = [
    ...("message" in path ? [path] : []),
    ...read.flatMap(({ must }) => faultsOf(must, name)),
    // What does not fit may have been meant to say it.
    ...(tests === undefined || isMisfit ? [] : formFaults(tests, name, said)),
  ];
  for (const { message, hint } of faults) reading.report("CLAIM_INVALID", source.at(place), message, hint);
  if ("message" in path || faults.length > 0) return [];
  const claim = REGISTERED_CLAIMS.find((each) => path.length === 1 && path[0] === each);
  const isWhole = claim !== undefined && tests?.length === undefined;
  return read.map(({ must, stands }) => {
    const whole =
      isWhole && stands.kind === "element" && must.kind === "is" && typeof must.values[0] === "string";
    return { path, must, stands: whole ? { kind: "registered", claim } : stands };
  });
}

interface Read {
  readonly must: ClaimTest;
  readonly stands: ClaimPlace;
}

const ALONE: ClaimPlace = { kind: "alone" };

function oneOf(values: Values, stands = ALONE): Read {
  return { must: { kind: "is", values }, stands };
}

function readTests(tests: Tests, said: (member: string) => boolean): readonly Read[] {
  const { has, length, orAlone = false, not, present, atLeast, atMost, startsWith, endsWith } = tests;
  const bounds = {
    ...(atLeast === undefined ? {} : { least: atLeast }),
    ...(atMost === undefined ? {} : { most: atMost }),
  };
  const ends = {
    ...(startsWith === undefined ? {} : { starts: startsWith }),
    ...(endsWith === undefined ? {} : { ends: endsWith }),
  };
  const alone = (must: ClaimTest): Read => ({ must, stands: ALONE });
  return [
    ...(has === undefined ? [] : [oneOf(valuesOf(has), { kind: "element", length: length ?? 1, orAlone })]),
    ...(not === undefined ? [] : [alone({ kind: "isNot", values: valuesOf(not) })]),
    ...(present === undefined
      ? []
      : [
          alone({
            kind: "present",
            as: present === true ? "either" : present === "text" ? "text" : "integer",
          }),
        ]),
    ...(said("atLeast") || said("atMost") ? [alone({ kind: "within", ...bounds })] : []),
    ...(said("startsWith") || said("endsWith") ? [alone({ kind: "affix", ...ends })] : []),
  ];
}

/** A requirement that is made of other members, if what it compares with can be compared. */
export function checkedClaim(
  reading: Reading,
  claim: ClaimRequirement,
  place: readonly PropertyKey[],
): ClaimRequirement[] {
  const faults = faultsOf(claim.must, claim.path.join("."));
  for (const { message, hint } of faults)
    reading.report("CLAIM_INVALID", reading.file.source.at(place), message, hint);
  return faults.length > 0 ? [] : [claim];
}

/** A requirement of a registered claim, wherever in it the value stands. */
export function registered(claim: RegisteredClaim, values: readonly string[]): ClaimRequirement {
  return { path: [claim], must: { kind: "is", values }, stands: { kind: "registered", claim } };
}

function valuesOf(value: string | number | readonly (string | number | undefined)[]): Values {
  return [value].flat().filter((each) => each !== undefined);
}

/** What is wrong with what a claim is compared with. */
function faultsOf(must: ClaimTest, name: string): readonly Fault[] {
  switch (must.kind) {
    case "is":
    case "isNot": {
      const texts = must.values.filter((value) => typeof value === "string");
      const isMixed = texts.length > 0 && texts.length < must.values.length;
      return [
        ...(isMixed
          ? [
              {
                message: `the claim ${show(name)} is compared with texts and numbers`,
                hint: 'use one kind; a token\'s 5 and "5" are different values',
              },
            ]
          : []),
        ...textFaults(texts, name),
      ];
    }
    case "affix":
      return textFaults(
        [must.starts, must.ends].filter((each) => each !== undefined),
        name,
      );
    case "within":
      if (must.least === undefined || must.most === undefined || must.least <= must.most) return [];
      return [
        {
          message: `no number is at least ${must.least} and at most ${must.most}`,
          hint: "let atLeast be the smaller one",
        },
      ];
    case "present":
      return [];
  }
}

function textFaults(texts: readonly string[], name: string): readonly Fault[] {
  const meant = texts.flatMap((value) => notLiteral(value) ?? []);
  if (texts.every((value) => notLiteral(value) !== undefined || TEXT.test(value))) return meant;
  return [
    ...meant,
    {
      message: `a value of the claim ${show(name)} cannot be compared`,
      hint: "use up to 200 letters, digits, signs and blanks, and nothing that cannot be seen",
    },
  ];
}

const ALL_TESTS = ["has", "not", "present", "atLeast", "atMost", "startsWith", "endsWith"];

/** What is wrong with which members stand beside each other. */
function formFaults(
  { has, length }: Tests,
  name: string,
  said: (member: string) => boolean,
): readonly Fault[] {
  const isWhole =
    REGISTERED_CLAIMS.some((claim) => claim === name) && typeof valuesOf(has ?? [])[0] !== "number";
  if (!ALL_TESTS.some(said)) {
    return [
      {
        message: `nothing is said of what the claim ${show(name)} must be`,
        hint: `write a value, a list of values, or one of ${ALL_TESTS.join(", ")}`,
      },
    ];
  }
  if (!said("has") && (said("length") || said("orAlone"))) {
    return [
      {
        message: `length and orAlone say how elements of the claim ${show(name)} are looked at, and no has says for what`,
        hint: "add has: <value>, or leave them out",
      },
    ];
  }
  if (has !== undefined && length === undefined && !said("length") && !isWhole) {
    return [
      {
        message: `has looks at elements of the claim ${show(name)}, and no length says at how many`,
        hint: "add length: 8, or as many as the claim may have; Cloudflare reads them one by one",
      },
    ];
  }
  return [];
}
