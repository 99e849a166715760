/**
 * The error codes that the API documents. Only their type is a part of `APIError`, so that few bundles contain the list.
 */
export const errorCodes = [
  "invalid_parameter",
  "missing_parameter",
  "authentication_required",
  "insufficient_credits",
  "insufficient_permissions",
  "billing_restricted",
  "not_found",
  "conflict",
  "limit_exceeded",
  "idempotency_conflict",
  "payload_too_large",
  "validation_error",
  "rate_limit_exceeded",
  "internal_error",
  "service_unavailable",
  "no_active_providers",
  "invalid_delivery_group",
  "delivery_group_not_found",
  "delivery_group_not_allowed",
  "delivery_group_scope_invalid"
] as const

const knownCodes: ReadonlySet<string> = /* @__PURE__ */ new Set(errorCodes)

export const isErrorCode = (code: string): boolean => knownCodes.has(code)
