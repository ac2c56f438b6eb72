/** Ways out that several places name, each in the same words. */

/** What a message of OTHER_MATERIAL ends with. */
export const MEND_MATERIAL =
  "Its resource was replaced, tainted or taken out of the state. Nothing was written. Import the state that still has the key (`pulumi stack history`, `pulumi stack export --version`, `pulumi stack import`)";

/** What a message of DRIFT ends with. */
export function mendDrift(ring: string): string {
  return `An older state: import the newest. Somebody else: find out who; \`keyturn rotate ${ring} --restore\` writes the ledger's set`;
}
