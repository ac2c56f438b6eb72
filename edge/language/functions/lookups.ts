import { fromBytes } from "../bytes.ts";
import type { Argument, Binder } from "../evaluator.ts";
import { literalNumber, literalString } from "../evaluator.ts";
import { type IpAddress, networkOf } from "../ip.ts";
import type { Integer } from "../values.ts";

/** Keys as JSON has them: Unicode names, or positions. */
function jsonPath(args: readonly Argument[]): readonly (string | Integer)[] {
  return args.slice(1).map(({ literal }) => {
    return typeof literal === "string" ? (fromBytes(literal) ?? literal) : (literal as Integer);
  });
}

/** `lookup_json_string(json, key, …)`; missing, broken and too deep JSON yields missing. */
export const lookupJsonString: Binder = (args, choices) => {
  const evaluate = (args[0] as Argument).evaluate;
  const path = jsonPath(args);
  return (request, element) => {
    const text = evaluate(request, element) as string | undefined;
    return text === undefined ? undefined : request.json.string(text, path, choices);
  };
};

/** `lookup_json_integer(json, key, …)`; only plain integers count. */
export const lookupJsonInteger: Binder = (args, choices) => {
  const evaluate = (args[0] as Argument).evaluate;
  const path = jsonPath(args);
  return (request, element) => {
    const text = evaluate(request, element) as string | undefined;
    return text === undefined ? undefined : request.json.integer(text, path, choices);
  };
};

function network(argument: Argument, bits: (version: 4 | 6) => number) {
  return (request: Parameters<Argument["evaluate"]>[0], element: Parameters<Argument["evaluate"]>[1]) => {
    const address = argument.evaluate(request, element) as IpAddress | undefined;
    return address === undefined ? undefined : networkOf(address, bits(address.version));
  };
}

/** `cidr(address, ipv4Bits, ipv6Bits)`: the network address. */
export const cidr: Binder = (args) => {
  const [four, six] = [literalNumber(args[1]) as number, literalNumber(args[2]) as number];
  return network(args[0] as Argument, (version) => (version === 4 ? four : six));
};

/** `cidr6(address, ipv6Bits)`: as `cidr` with all 32 bits of an IPv4 address. */
export const cidr6: Binder = (args) => {
  const six = literalNumber(args[1]) as number;
  return network(args[0] as Argument, (version) => (version === 4 ? 32 : six));
};

/** `is_jwt_valid("<configuration id>")`; false when there is no token. */
export const isJwtValid: Binder = (args) => {
  const id = literalString(args[0]) as string;
  return (request) => request.input.jwtValid?.(id) ?? false;
};

/** `is_jwt_present("<configuration id>")`. */
export const isJwtPresent: Binder = (args) => {
  const id = literalString(args[0]) as string;
  return (request) => request.input.jwtPresent?.(id) ?? false;
};
