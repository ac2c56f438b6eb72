import type { RefusalCode } from "../ring/advanceChecks.ts";
import type { StopCode } from "../ring/decision.ts";
import type { DeployedRefusal } from "../update/deployed.ts";
import type { OutstandingRefusal } from "../update/outstanding.ts";
import type { CodeRow, ExitName } from "./exitCodes.ts";

/**
 * What stops the program or a rotation, by code. The texts that users meet first stand where the code is raised.
 * Long because it is one table, read by code: every code of `keyturn explain` that a rotation can answer.
 */
export const rotationCodes = {
  ADVANCE_CAPACITY: row(
    "error",
    "The move would put more keys into the configuration than it may hold.",
    "Finish or abort the running rotation first: `keyturn status` shows it.",
  ),
  ADVANCE_EVIDENCE: row(
    "error",
    "The advance lacks the evidence that its move needs, or the evidence is about another key.",
    "Run `keyturn rotate` again: it gathers the evidence anew.",
  ),
  ADVANCE_KEY: row(
    "error",
    "The advance names a key that the ring does not have.",
    "Run `keyturn rotate` again: it decides on the ledger as it is now.",
  ),
  ADVANCE_KIND: row(
    "error",
    "The advance does with the ring what is only done with rings of another kind: keys of somebody else are taken over, our own are made.",
    "Unset KEYTURN_ADVANCE and run the command that fits the ring.",
  ),
  ADVANCE_NO_KEY_LEFT: row(
    "error",
    "The move would leave the ring without any key, so every token would be refused.",
    "Publish a substitute first; `keyturn revoke` does so.",
  ),
  ADVANCE_PENDING: row(
    "error",
    "The ring already has a key that waits for its promotion.",
    "Finish that one with `keyturn rotate`, or give it up with `keyturn abort`.",
  ),
  ADVANCE_RING_UNKNOWN: row(
    "error",
    "The advance is for a ring that this stack does not have.",
    "Unset KEYTURN_ADVANCE.",
  ),
  ADVANCE_STACK: row("error", "The advance was decided for another stack.", "Unset KEYTURN_ADVANCE."),
  ADVANCE_STALE: row(
    "error",
    "The advance was decided on an older ledger; somebody else moved the ring since.",
    "Run the command again.",
  ),
  ADVANCE_STATE: row(
    "error",
    "The key is not in a state from which this move leads on.",
    "Run `keyturn rotate` again: it decides on the ledger as it is now.",
  ),
  ADVANCE_UNREADABLE: row(
    "error",
    "KEYTURN_ADVANCE does not hold an advance that this program understands.",
    "Unset it; only `keyturn rotate` and its sister commands set it.",
  ),
  ALGORITHM_UNKNOWN: row(
    "configuration",
    "A live key has an algorithm that this program does not know: the checkout is older than the key.",
    "Deploy from the newer checkout.",
  ),
  API_FAILED: row(
    "resource",
    "Cloudflare's API answered with an error of its own (5xx), after several attempts.",
    "Run the same command again later.",
  ),
  API_FORBIDDEN: row(
    "authentication",
    "Cloudflare's API does not let the token do this: it is wrong, has expired or lacks a permission.",
    "Give the token the permissions that the README lists.",
  ),
  API_RATE_LIMITED: row(
    "resource",
    "Cloudflare's API takes no more requests for the moment.",
    "Wait five minutes and run the same command again.",
  ),
  API_REFUSED: row(
    "resource",
    "Cloudflare's API refuses what was sent; its own text says why.",
    "Mend what the text names. If keyturn made it from valid definitions, report this.",
  ),
  API_UNREACHABLE: row(
    "resource",
    "No answer came from Cloudflare's API; whether a write took effect is found out by the next run.",
    "Check the network and CLOUDFLARE_BASE_URL, and run the same command again.",
  ),
  CANARY_REFUSED: row(
    "error",
    "The edge refuses a key that it should accept by now.",
    "Wait and run `keyturn rotate` again; if it stays, compare the key set at Cloudflare with the ledger.",
  ),
  CANARY_TOO_LAX: row(
    "error",
    "The edge accepts a key that was never published, so nothing that it accepts proves anything.",
    "Look at what answers the canary path before its rule: a redirect, a skip rule, a cache.",
  ),
  CLOCK_SKEW: row(
    "error",
    "This machine's clock and Cloudflare's differ by more than the waits of a rotation allow for.",
    "Set the clock, for example by NTP, and run the command again.",
  ),
  CONFIGURATION_GONE: row(
    "resource",
    "The token configuration was deleted outside of keyturn.",
    "Run `pulumi refresh`, then `pulumi up`.",
  ),
  DEPLOYED_DIFFERS: row(
    "configuration",
    "This version of keyturn compiles the deployed definitions to other rules than are deployed; a rotation deploys no rule.",
    "Run `pulumi up` first, or use the version that deployed them. `keyturn revoke` works meanwhile.",
  ),
  DEPLOYED_UNREADABLE: row(
    "configuration",
    "This version of keyturn refuses the deployed definitions, so it cannot tell where their keys are.",
    "Use the version that deployed them, or mend the definitions and run `pulumi up`.",
  ),
  DRIFT: row(
    "resource",
    "What Cloudflare holds is neither what was there before nor what this run wants: somebody else wrote.",
    "Finish a revocation that was cut short, or import the newest state; else see who changed it, and `keyturn rotate <ring> --restore` writes the ledger's keys again.",
  ),
  EMPTY_KEY_SET: row(
    "resource",
    "A write would have left a ring without any key.",
    "Nothing was written. Run `keyturn status` and report what led here.",
  ),
  FORGET_TOO_EARLY: row(
    "error",
    "Rules that asked the ring went only a short while ago: points of presence may still have them.",
    "Run the same command again at the instant that the message names.",
  ),
  FENCED: row(
    "resource",
    "The ring was brought further by a run that did not finish, and this run would take it back.",
    "Run `keyturn rotate <ring>`: it repeats the same move.",
  ),
  KEY_CHANGED: row(
    "resource",
    "A key would change its algorithm or size; a key has one of each for life.",
    "Rotate to a key with the new algorithm.",
  ),
  KEY_ENDED: row(
    "configuration",
    "The key is retired, aborted or revoked already.",
    "Name a key that still lives; `keyturn status` lists them.",
  ),
  KEY_IN_USE: row(
    "resource",
    "A write would have removed a key whose tokens may still be valid.",
    "Let `keyturn rotate` retire it when its time has come.",
  ),
  KEY_LIMIT: row(
    "resource",
    "A write would have put more keys into a token configuration than it may hold.",
    "Finish the running rotation, or remove foreign keys.",
  ),
  KEY_UNKNOWN: row(
    "configuration",
    "The ring has no key of that name.",
    "`keyturn status` lists the keys of each ring.",
  ),
  LEDGER_FOREIGN: row(
    "error",
    "The stack's ledger belongs to another project: the state was imported.",
    "Use the stack's own state.",
  ),
  KEY_SET_REFUSED: row(
    "error",
    "What was fetched for a ring with `from` is no set of public keys that may be taken, or it could not be had. The keys that the ring has stay.",
    "The message names every reason. Mend the set with whoever publishes it, or what the ring says of it.",
  ),
  LEDGER_FORMAT_NEWER: row(
    "configuration",
    "A newer version of keyturn wrote the ledger; this one might misread it.",
    "Deploy from the newer checkout.",
  ),
  LEDGER_LOST: row(
    "error",
    "The stack has outputs and no ledger among them, so its keys are not known and nothing is touched.",
    "Restore the state from the stack's history: `pulumi stack history`, `pulumi stack export --version`.",
  ),
  LEDGER_UNREADABLE: row(
    "error",
    "The output `ledger` of the stack is no ledger.",
    "Restore it from the stack's history.",
  ),
  NO_CANARY_EVIDENCE: row(
    "error",
    "The canary path does not answer as keyturn's rule does, so nothing is proved and nothing moved.",
    "Look for a redirect, a rewrite or an account rule in front of it.",
  ),
  MIRROR_WITHOUT_KEYS: row(
    "configuration",
    "A ring that mirrors somebody else's keys is new, and no key of it was fetched yet. Without one it would refuse every token.",
    "Run `keyturn jwks fetch` with the ring's name, then `pulumi up`.",
  ),
  NOT_OF_A_MIRROR: row(
    "error",
    "What was asked for is done with keys that keyturn makes; the ring's keys are somebody else's.",
    "Fetch its keys with `keyturn jwks fetch`, or take one away with `keyturn revoke`.",
  ),
  NO_KEY_LEFT: row(
    "error",
    "The key is the only one that the ring has at Cloudflare: without it every token would be refused.",
    "Revoke it: `keyturn revoke` publishes another one first.",
  ),
  NO_SAMPLES: row(
    "error",
    "Nothing shows that the issuer signs with the new key, so the old one stays.",
    "Set `keyturn:samples` for the ring and see that each answer is a fresh token; where none can be had, `keyturn rotate <ring> --attest` records who saw it otherwise.",
  ),
  NOT_DELETABLE: row(
    "policy",
    "Deleting this would refuse every token or leave the zone open.",
    "Set `pulumi config set keyturn:deletable true`, run `pulumi up`, then destroy.",
  ),
  NOT_DEPLOYED: row(
    "error",
    "The stack has no deployed definitions, rules or keys that this move could begin from; a rotation deploys none.",
    "Run `pulumi up` first.",
  ),
  NOT_REALIZED: row(
    "resource",
    "A resource did not reach the ledger's serial, by a target or a failure. The old ledger stays.",
    "Run the same command again without --target.",
  ),
  NOTHING_TO_ATTEST: row(
    "error",
    "An attestation is about a key that retires, after the promotion of its successor was acknowledged; the ring has none.",
    "`keyturn status` shows the state of each key; run `keyturn rotate` until the promotion is acknowledged.",
  ),
  OTHER_MATERIAL: row(
    "resource",
    "A key would get other material under the same kid, and its live tokens would be refused.",
    "Its resource was replaced, tainted or lost: import the state that still has the key, from the stack's history.",
  ),
  OWNED_BY_ANOTHER_STACK: row(
    "resource",
    "Another stack owns this ring's token configuration in the zone, or has the same name and rules in its phase.",
    "Give the ring another id, or deploy it from one stack only; rename one of two stacks with one name.",
  ),
  PLACEHOLDER_UNKNOWN: row(
    "resource",
    "A rule names a secret or configuration that the run does not have.",
    "Run `keyturn check`; if it finds nothing, report this.",
  ),
  READ_BACK_DIFFERS: row(
    "resource",
    "Cloudflare keeps something other than what was written: it drops unsupported keys without an error.",
    "Compare the key's algorithm and size with what Cloudflare supports.",
  ),
  RETIRED_KEY_ACCEPTED: row(
    "error",
    "The edge still accepts a key that was retired.",
    "Wait for the propagation and run `keyturn rotate` again; if it stays, look at the key set at Cloudflare.",
  ),
  RING_CHANGED: row(
    "configuration",
    "What the rules ask of a ring's tokens or links would change at once, and those given out before would be refused, or ended links hold again.",
    "Make the change in the two steps that the message names.",
  ),
  RING_FORGOTTEN: row(
    "configuration",
    "The ring was given up with `keyturn forget`, and the definitions still have it: an older checkout, or it was not taken out yet.",
    "Take the ring out of the definitions and run `pulumi up`; one that is to come back needs another id.",
  ),
  RING_IN_USE: row(
    "configuration",
    "A deployed rule asks the ring that is to be forgotten, so every request to it would be refused.",
    "Take the ring out of the rules that the message names, run `pulumi up`, then run the command again.",
  ),
  RING_KIND_CHANGED: row(
    "configuration",
    "A ring of JWT keys became one of link secrets, or the reverse.",
    "Give the new ring an id of its own.",
  ),
  RING_LEFT_ZONE: row(
    "configuration",
    "A ring has a token configuration in a zone where no host uses it any more; no rotation would reach its keys there.",
    "Name the ring under `tokens` of a host there, or give it up in the way that the message names.",
  ),
  RING_MISSING: row(
    "configuration",
    "The ledger has live keys of a ring that the definitions do not have: an older checkout, or a rename without `was`.",
    "Update the checkout, put the ring back, or say `was:`.",
  ),
  RING_NEW_IN_ZONE: row(
    "configuration",
    "A rule would begin to refuse by a ring at work, at a place of its tokens that not every point of presence is known to read.",
    "Deploy it with rules in `mode: log`; once `keyturn rotate` has recorded that the place is known everywhere, let them refuse.",
  ),
  RULE_WOULD_OPEN: row(
    "configuration",
    "A rule that refuses requests would name a ring without an ACTIVE key and could only log.",
    "Let the ring's first key become ACTIVE before the rule names it, or say `mode: log`.",
  ),
  RULES_CONTENDED: row(
    "resource",
    "Somebody else kept writing the same phase while this run tried.",
    "Run it again when they are done.",
  ),
  RULES_OVERTAKEN: row(
    "policy",
    "Somebody else's rule stands in front of ours in the same phase: a skip opens what ours guard, and what answers hides them.",
    "Run `pulumi up`: it puts ours first and leaves the other as it is. Then find out who put it there.",
  ),
  RULES_PRECEDED: row(
    "policy",
    "A redirect, a rewrite or a rule of the account acts before ours do, and no order of ours changes that.",
    "Except `/.well-known/keyturn/` in its expression, so that the canary can be asked; see that it lets nothing pass that a rule of ours guards.",
  ),
  STACK_LOCKED: row(
    "error",
    "Another run holds the stack's lock, or died with it.",
    "Wait for it; if it is dead, `keyturn rotate --cancel-lock` frees the lock.",
  ),
  STILL_SIGNING_WITH_OLD_KEY: row(
    "error",
    "The issuer still signs with the old key, long after the promotion.",
    "See that the issuer reads the new key: production may use another one than you think.",
  ),
  TOKENS_LIVE_LONGER: row(
    "error",
    "The issuer's tokens live longer than the ring declares, so a key would be retired while its tokens are in use.",
    "Declare the real lifetime in the definitions and run `pulumi up`, or let the issuer shorten its tokens.",
  ),
  TWO_CONFIGURATIONS: row(
    "resource",
    "The zone has two token configurations of one ring.",
    "Delete the one that no rule names.",
  ),
  ZONE_MISSING: row(
    "configuration",
    "A zone holds rules of the stack and no host of the definitions is in it: an older checkout, or hosts that were moved.",
    "Put the hosts back, or give the zone up in the way that the message names.",
  ),
  ZONE_RENAMED: row(
    "configuration",
    "The stack configuration gives a deployed zone another name; its resources would be made twice and then deleted.",
    "Put the name back.",
  ),
} as const satisfies Record<
  RefusalCode | StopCode | DeployedRefusal["code"] | OutstandingRefusal["code"],
  CodeRow
> &
  Record<string, CodeRow>;

function row<Exit extends ExitName>(
  exit: Exit,
  meaning: string,
  remedy: string,
): CodeRow & { readonly exit: Exit } {
  return { exit, meaning, remedy };
}
