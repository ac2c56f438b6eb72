/** Codes of what `keyturn init` and `keyturn check` say of an OpenAPI document. */
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
  OPENAPI_OPERATION_UNRULED: {
    severity: "warning",
    explanation:
      "The document has an operation that no rule of its host decides. It is refused with everything that is not listed, or passes where the host lets such requests by.",
  },
  OPENAPI_RULE_WITHOUT_OPERATION: {
    severity: "warning",
    explanation:
      "A rule below a server of the document matches none of its operations: the document lags behind, or the rule guards what is gone.",
  },
  OPENAPI_SCOPE_DIFFERS: {
    severity: "warning",
    explanation: "The rule that decides an operation asks for other scopes than the document.",
  },
  OPENAPI_SECURITY_DIFFERS: {
    severity: "warning",
    explanation:
      "The rule that decides an operation asks for something else than the `security` of the document: nothing where that asks for something or the reverse, a token of another ring, or other alternatives.",
  },
  OPENAPI_SERVER_DIFFERS: {
    severity: "warning",
    explanation:
      "The rules have no host of the document's servers, or another path in front of everything, so that its operations and the rules cannot be held against each other.",
  },
} as const;
