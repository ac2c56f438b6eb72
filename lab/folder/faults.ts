import type { Edge, EdgeState, FaultMatch, FaultSpec } from "@keyturn/edge";

/** Ends the process; nothing of it runs on. */
export type KilledProcess = () => void;

/** Which calls of the API a fault is for, and how often. */
export type FaultChoice = Pick<FaultMatch, "method" | "nth" | "times"> & { readonly path?: string };

/** A fault as the lab's commands show it. */
export interface ShownFault extends FaultChoice {
  readonly number: number;
  readonly kind: string;
  readonly moment?: "before" | "effect";
  /** Members of its kind: status, retryAfter, ms, versions. */
  readonly parts: Readonly<Record<string, unknown>>;
  /** Fitting calls so far. */
  readonly seen: number;
}

/** A fault that ends the process which makes the call: just before it arrives, or when it has taken effect. */
export function killFault(moment: "before" | "effect", match: FaultChoice): FaultSpec {
  const write = () => undefined;
  return { nth: 1, ...match, kind: "foreignWriter", when: moment === "before" ? "before" : "after", write };
}

/** Gives every fault that ends the process its way to do so; such a fault goes as it acts. */
export function killFaults(edge: Edge, kill: KilledProcess): void {
  const { faults } = edge.state;
  for (const fault of [...faults]) {
    if (fault.spec.kind !== "foreignWriter") continue;
    faults.delete(fault);
    const own: { spec: FaultSpec; fitting: number } = { ...fault };
    own.spec = {
      ...fault.spec,
      write: () => {
        faults.delete(own);
        kill();
      },
    };
    faults.add(own);
  }
}

/** The faults in the order in which they were added, numbered from 1. */
export function shownFaults(state: EdgeState): ShownFault[] {
  return [...state.faults].map(({ spec, fitting }, index) => {
    const { method, path, nth, times, kind, ...rest } = spec;
    const { write: _write, when, ...parts } = rest as { write?: unknown; when?: "before" | "after" };
    const isKill = kind === "foreignWriter";
    return {
      number: index + 1,
      kind: isKill ? "kill" : kind,
      ...(isKill ? { moment: when === "before" ? ("before" as const) : ("effect" as const) } : {}),
      ...(method === undefined ? {} : { method }),
      ...(path === undefined ? {} : { path: String(path) }),
      ...(nth === undefined ? {} : { nth }),
      ...(times === undefined ? {} : { times }),
      parts,
      seen: fitting,
    };
  });
}
