import type { Choices } from "../choices.ts";
import type { Operation } from "../world/types.ts";

/** Finds the saved operation that a request belongs to. */
export interface OperationMatcher {
  find(method: string, host: string, path: string): Operation | undefined;
}

interface CompiledOperation {
  readonly operation: Operation;
  readonly host: RegExp | string;
  readonly segments: readonly (RegExp | string)[];
  readonly variables: number;
}

/**
 * Compiles saved operations. A variable stands for one whole host label or for one path segment that is not empty; of
 * several matches the choice `operationOverlap` decides.
 */
export function compileOperations(operations: readonly Operation[], choices: Choices): OperationMatcher {
  const byShape = new Map<string, CompiledOperation[]>();
  for (const operation of operations) {
    const compiled = compile(operation, choices);
    const shape = `${operation.method} ${compiled.segments.length}`;
    const same = byShape.get(shape);
    if (same === undefined) byShape.set(shape, [compiled]);
    else same.push(compiled);
  }
  // The sort is stable: operations saved earlier stay in front among equals.
  if (choices.operationOverlap === "mostLiteral") {
    for (const same of byShape.values()) same.sort((left, right) => left.variables - right.variables);
  }

  function lookUp(method: string, host: string, segments: readonly string[]): Operation | undefined {
    for (const compiled of byShape.get(`${method} ${segments.length}`) ?? []) {
      if (fits(compiled.host, host) && compiled.segments.every((part, at) => fits(part, segments[at]!))) {
        return compiled.operation;
      }
    }
    return undefined;
  }

  return {
    find(method, host, path) {
      if (byShape.size === 0) return undefined;
      const segments = splitPath(path, choices);
      const found = lookUp(method, host, segments);
      if (found !== undefined || method !== "HEAD" || choices.operationHead === "distinct") return found;
      return lookUp("GET", host, segments);
    },
  };
}

function compile(operation: Operation, choices: Choices): CompiledOperation {
  const host = operation.host.toLowerCase();
  const segments = splitPath(operation.endpoint, choices).map((segment) => pattern(segment, "[^/]+"));
  return {
    operation,
    host: pattern(host, "[^.]+"),
    segments,
    variables: (operation.endpoint.match(/\{/g)?.length ?? 0) + (host.match(/\{/g)?.length ?? 0),
  };
}

function splitPath(path: string, choices: Choices): string[] {
  const shortened =
    choices.operationTrailingSlash === "ignored" && path.length > 1 ? path.replace(/\/$/, "") : path;
  return shortened.split("/").slice(1);
}

function pattern(template: string, variable: string): RegExp | string {
  if (!template.includes("{")) return template;
  const parts = template.split(/\{[^{}]*\}/);
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")).join(variable)}$`);
}

function fits(part: RegExp | string, value: string): boolean {
  return typeof part === "string" ? part === value : part.test(value);
}
