import type { AddOn, Plan } from "../world/types.ts";
import type { PlaceName } from "./places.ts";
import type { RequestFields } from "./request.ts";
import type { Type, Value } from "./values.ts";

/** The least plan, or the add-on, that opens something up. */
export type Gate = Plan | "advanced";

/** How a field is read from a request. */
export interface FieldReader {
  readonly read: (request: RequestFields) => Value | undefined;
  /** For maps that are costly to build: `map[key]` and `map[key][index]` without building them. */
  readonly at?: (request: RequestFields, key: string) => Value | undefined;
  readonly elementAt?: (request: RequestFields, key: string, index: number) => Value | undefined;
}

/** The readers of a group of fields, by name. */
export type FieldReaders = Readonly<Record<string, FieldReader>>;

/** One field: what it is, where it may be used, and how it is read from a request. */
export interface FieldRow extends FieldReader {
  readonly name: string;
  readonly type: Type;
  /** Least plan; default `free`. */
  readonly plan?: Plan;
  readonly addOn?: AddOn;
  /** Default: everywhere. */
  readonly places?: readonly PlaceName[];
  /** Least plan for the expression of a rate limiting rule; default: the choice `rateLimitOtherFields`. */
  readonly rateLimit?: Gate;
  /** Least plan as a characteristic of a rate limiting rule; default: Advanced Rate Limiting. */
  readonly characteristic?: Gate;
  /** Only a characteristic, not for expressions. */
  readonly characteristicOnly?: boolean;
  readonly source: string;
  readonly asOf: string;
}
