export { type Api, type ApiOptions, createApi } from "./api.ts";
export { basePath } from "./app.ts";
export type { TokenGrant } from "./auth.ts";
export { type ChoiceName, type ChoiceRow, type Choices, choiceTable } from "./choices.ts";
export { type CoverageRow, endpointCoverage } from "./coverage.ts";
export { type ErrorName, type ErrorRow, errorTable } from "./errors.ts";
export { type LimitName, type LimitRow, limitTable } from "./limits.ts";
export { type PermissionGroup, type PermissionRow, permissionTable } from "./permissions.ts";
export type { SecurityEvent, SecurityEventSource } from "./securityEvents.ts";
