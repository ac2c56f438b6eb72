import type { Tally } from "./front.ts";
import { shownOutcomes } from "./render.ts";
import type { TryReport } from "./try.ts";

/** The counts of a ring under load below which `try` proves too little. */
export const LEAST_REQUESTS = { inProcess: 5_000, http: 330 };

/** Whatever is not as it must be. */
export function problemsOf(report: Omit<TryReport, "problems">): string[] {
  const { deployment, verdicts, load, plainUps, revocation, mirrored, controls, secrets, rotation } = report;
  const loaded = deployment.rings.filter((ring) => ring.loaded).length;
  const turned = new Set(rotation.filter((step) => step.move === "confirm").map((step) => step.ring));
  return [
    ...(deployment.ok ? [] : ["the first deploy failed"]),
    ...verdicts
      .filter((verdict) => !verdict.ok)
      .map(
        ({ group, name, expected, seen }) =>
          `${group}, ${name}: expected ${shownOutcomes(expected)}, seen ${seen.status} by ${seen.by}`,
      ),
    ...deployment.rings
      .filter((ring) => ring.rotated && !turned.has(ring.id))
      .map((ring) => `the rotation of ring ${ring.id} did not come to its end`),
    ...Object.entries(load).flatMap(([name, tally]) => tallyProblems(name, tally)),
    ...few("in process", load.ordinary.sent + load.retired.sent, loaded * LEAST_REQUESTS.inProcess),
    ...few("over HTTP", load.http.sent, loaded * LEAST_REQUESTS.http),
    ...(loaded === 0 || load.retired.invalid > 0 ? [] : ["no request carried a retired key"]),
    ...plainUps.filter((up) => !up.ok).map((up) => `a plain up changed something: ${up.when}`),
    ...(revocation === undefined || revocation.ok
      ? []
      : [`${revocation.key} of ring ${revocation.ring} could not be revoked`]),
    ...mirrored.answers
      .filter(({ ok }) => !ok)
      .map(
        ({ when, token, expected, seen }) =>
          `a mirrored ring, ${when}, a token ${token}: expected ${expected}, seen ${seen.join(", ")}`,
      ),
    ...controls
      .filter((control) => !control.ok)
      .map(
        (control) => `${control.name}, ring ${control.ring}: ${control.refusedValid} valid requests refused`,
      ),
    ...secrets.findings.map(
      (found) => `key material of ${found.kid} (${found.form}) in the ${found.channel}`,
    ),
    ...secrets.blind.map((channel) => `a secret planted in the ${channel} was not found`),
  ];
}

function tallyProblems(name: string, tally: Tally): string[] {
  return [
    ...(tally.refusedValid > 0 ? [`${name}: ${tally.refusedValid} valid requests were refused`] : []),
    ...tally.refusals.map(
      ({ ring, kid, pop, at, problem }) => `${name}: ${ring} ${kid} refused at ${pop}, ${at}: ${problem}`,
    ),
    ...(tally.acceptedInvalid > 0
      ? [`${name}: ${tally.acceptedInvalid} invalid requests were accepted`]
      : []),
  ];
}

function few(where: string, sent: number, least: number): string[] {
  return sent >= least ? [] : [`only ${sent} requests ${where}, fewer than ${least}`];
}
