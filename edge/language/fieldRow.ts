import type { AddOn, Plan } from "../world/types.ts";
import type { ChoiceName } from "./choices.ts";
import type { RequestFields } from "./request.ts";
import type { Type, Value } from "./values.ts";

/** The least plan, or the add-on, that opens something up. */
export type Gate = Plan | "advanced";

/** One field: what it is, where it may be used, and how it is read from a request. */
export interface FieldRow {
  readonly name: string;
  readonly type: Type;
  readonly read: (request: RequestFields) => Value | undefined;
  /** For maps that are costly to build: `map[key]` and `map[key][index]` without building them. */
  readonly at?: (request: RequestFields, key: string) => Value | undefined;
  readonly elementAt?: (request: RequestFields, key: string, index: number) => Value | undefined;
  /** Least plan; default `free`. */
  readonly plan?: Plan;
  readonly addOn?: AddOn;
  /** Default: all phases. */
  readonly phases?: readonly string[];
  /** Least plan for the expression of a rate limiting rule; default: the choice `rateLimitOtherFields`. */
  readonly rateLimit?: Gate;
  /** Least plan as a characteristic of a rate limiting rule; default: Advanced Rate Limiting. */
  readonly characteristic?: Gate;
  /** Only a characteristic, not for expressions. */
  readonly characteristicOnly?: boolean;
  /** Choice that says whether a request without a value shows `""` or missing. */
  readonly absent?: Extract<ChoiceName, "absentHeaderField" | "absentExtension">;
  readonly source: string;
  readonly asOf: string;
}
