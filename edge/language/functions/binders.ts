import type { Binder } from "../evaluator.ts";
import * as collections from "./collections.ts";
import * as encoding from "./encoding.ts";
import { isTimedHmacValid } from "./hmac.ts";
import * as lookups from "./lookups.ts";
import * as strings from "./strings.ts";

/** The implementation of every row of `FUNCTIONS`. */
export const binders: Readonly<Record<string, Binder>> = {
  all: collections.all,
  any: collections.any,
  bit_slice: encoding.bitSlice,
  cidr: lookups.cidr,
  cidr6: lookups.cidr6,
  concat: strings.concat,
  decode_base64: encoding.decodeBase64,
  encode_base64: encoding.encodeBase64,
  ends_with: strings.endsWith,
  has_key: collections.hasKey,
  has_value: collections.hasValue,
  is_jwt_present: lookups.isJwtPresent,
  is_jwt_valid: lookups.isJwtValid,
  is_timed_hmac_valid_v0: isTimedHmacValid,
  join: collections.join,
  len: strings.len,
  lookup_json_integer: lookups.lookupJsonInteger,
  lookup_json_string: lookups.lookupJsonString,
  lower: strings.lower,
  regex_replace: strings.regexReplace,
  remove_bytes: strings.removeBytes,
  remove_query_args: strings.removeQueryArgs,
  sha256: encoding.sha256,
  split: strings.split,
  starts_with: strings.startsWith,
  substring: strings.substring,
  to_string: strings.asString,
  upper: strings.upper,
  url_decode: encoding.urlDecode,
  uuidv4: encoding.uuidv4,
  wildcard_replace: strings.wildcardReplace,
};
