import type { AddOn, Plan } from "../world/types.ts";
import type { Node } from "./ast.ts";
import type { Inferred } from "./inference.ts";
import type { PlaceName } from "./places.ts";
import type { Type } from "./values.ts";

/** A type, or any array, or any map. */
export type Accepted = Type | "Array" | "Map";

export interface ParameterRow {
  readonly name: string;
  readonly accepts: readonly Accepted[];
  /** `only`: must be a literal; `never`: must not be one. */
  readonly literal?: "only" | "never";
  readonly optional?: boolean;
  /** What is wrong with this argument, as "must …"; `undefined` when it is fine. */
  readonly rule?: (argument: Node) => string | undefined;
}

/** One function: its arguments, its result, and where it may be used. */
export interface FunctionRow {
  readonly name: string;
  readonly parameters: readonly ParameterRow[];
  /** The last parameter may repeat. */
  readonly repeats?: boolean;
  /** A type, or `first`: the type of the first argument. */
  readonly returns: Type | "first";
  readonly plan?: Plan;
  readonly addOn?: AddOn;
  /** Where it may be used; default: everywhere. */
  readonly places?: readonly PlaceName[];
  /** Functions of one group may stand once in an expression, all together, and not within each other. */
  readonly onceGroup?: string;
  /** All arguments must be of one shape: scalars, or arrays of one type. */
  readonly alike?: boolean;
  /** A rule over all arguments, for what no single one shows. */
  readonly rule?: (
    args: readonly Node[],
    types: readonly (Inferred | undefined)[],
  ) => { index: number; must: string } | undefined;
  readonly source: string;
  readonly asOf: string;
}
