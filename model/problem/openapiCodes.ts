/** Codes of what `keyturn init` says of an OpenAPI document. */
export const openapiCodes = {
  OPENAPI_INVALID: {
    severity: "error",
    explanation:
      "The document is not OpenAPI 3.0 or 3.1, or a part of it that says who may call what does not fit the specification. Guessed at, a closed operation might come out open.",
  },
  OPENAPI_UNSAID: {
    severity: "warning",
    explanation:
      "The document asks for something that rules cannot say, or says nothing where rules need it. The message names what was drafted in its place.",
  },
} as const;
