import * as pulumi from "@pulumi/pulumi";

/**
 * True when this run leaves out a new resource that the output depends on (`--target`, `--exclude`). Such an output
 * is unknown, and the engine would write a mark in the place of the old value, with exit code 0: the ledger would
 * be lost. Never true in a preview, where much is unknown.
 */
export async function isLeftOut(output: pulumi.Output<unknown>): Promise<boolean> {
  const { isKnown } = output as unknown as { readonly isKnown: Promise<boolean> };
  return !pulumi.runtime.isDryRun() && !(await isKnown);
}

/**
 * Outputs by name, with what this run leaves out as it was before; a name that had nothing before is left out too.
 *
 * @param leftOut names this run leaves out
 * @param before the same output of the last successful update
 */
export function withFormer<T>(
  current: Readonly<Record<string, pulumi.Input<T>>>,
  leftOut: ReadonlySet<string>,
  before: unknown,
): pulumi.Output<Record<string, T>> {
  const former = (before ?? {}) as Readonly<Record<string, T>>;
  const entries = Object.entries(current).flatMap(([name, value]): [string, pulumi.Input<T>][] => {
    if (!leftOut.has(name)) return [[name, value]];
    return former[name] === undefined ? [] : [[name, former[name]]];
  });
  return pulumi.all(Object.fromEntries(entries)) as unknown as pulumi.Output<Record<string, T>>;
}
