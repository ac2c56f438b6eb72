export { CONFIGURATION_ID_LENGTH, PLACEHOLDER, SECRET_LENGTH } from "../facts/placeholders.ts";
export { assumedRingStates, compile, compileZones } from "./compile.ts";
export { decidedBy } from "./decidedBy.ts";
export { CANARY_AUDIENCE, CANARY_REFUSED, canaryAccepted, canaryPath, replies } from "./replies.ts";
export type * from "./types.ts";
