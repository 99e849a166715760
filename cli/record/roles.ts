/**
 * What a string of a request or response means, and so how the recorder writes it.
 */
import type { Shape } from "./shape.js"

export type Role =
  /** Written as it is, such as the value of an enumeration or a time. */
  | "kept"
  /** An id. The comparison finds out its counterpart in the sandbox. */
  | "id"
  /** A state token, an ETag or a cursor, whose counterpart changes with the state of the sandbox. */
  | "revision"
  | "secret"
  | "url"
  | "address"
  | "domain"
  /** Base64 of a file. */
  | "file"
  /** The SHA-256 digest of a file. */
  | "digest"
  /** Any other text. Its letters and digits are masked. */
  | "text"

/** Where a string is. */
export interface Place {
  readonly key: string
  /** The key of the object or list around it. */
  readonly parent: string
  readonly shape: Shape
}

const secretKeys = /(?:^|[_-])(?:secret|password|token|authorization|api[_-]?key|verifier|assertion)$/i

const urlKeys = /(?:^|_)(?:url|uri|href)$/i

const revisionKeys = /(?:^|_)(?:state|cursor|etag|version|option_hash)$/

const idKeys =
  /(?:^|_)(?:ids?|references|in_reply_to|created|updated|destroyed|removed|not_found|not_updated|blob)$/

/** Keys of plain strings that have known values, although the API lists them nowhere. */
const kindKeys = new Set([
  "status",
  "role",
  "type",
  "types",
  "scope",
  "mode",
  "method",
  "code",
  "event_type",
  "event_types",
  "resource_type",
  "undo_status",
  "delivered",
  "displayed",
  "disposition",
  "encoding",
  "currency",
  "smtp_protocol",
  "message_id_kind",
  "bounce_type",
  "permissions",
  "updated_properties",
  "format"
])

const kindPattern = /^[A-Za-z][A-Za-z_.-]{0,60}$/

const mediaTypePattern = /^[a-z]+\/[a-z0-9.+-]+(?:; ?charset=[\w-]+)?$/i

const timePattern = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d))?$/

const amountPattern = /^-?\d{1,15}(?:\.\d+)?$/

const addressPattern = /^[^\s@<>]+@[^\s@<>]+$/

const domainPattern = /^(?:[a-z0-9_-]+\.)+[a-z]{2,}$/i

const fileNameKeys = /(?:^|_)(?:filename|name)$/

/** Decides by the place and the value of a string what it means. */
export const roleOf = ({ key, parent, shape }: Place, value: string): Role => {
  // Headers of an upload, which are in a record of secrets.
  if (/^content-(?:type|length)$/i.test(key) && (mediaTypePattern.test(value) || /^\d+$/.test(value))) {
    return "kept"
  }
  if (urlKeys.test(key) || /^[a-z][\w+.-]*:\/\//i.test(value)) return "url"
  if (secretKeys.test(key)) return "secret"
  if (key === "sha256") return "digest"
  const byShape = roleByShape(shape, value)
  if (byShape !== undefined) return byShape
  if (timePattern.test(value)) return "kept"
  if (revisionKeys.test(key) || parent === "states") return "revision"
  if (idKeys.test(key)) return "id"
  if (isKind(key, value)) return "kept"
  if (addressPattern.test(value)) return "address"
  if (domainPattern.test(value) && !fileNameKeys.test(key)) return "domain"
  return "text"
}

const roleByShape = (shape: Shape, value: string): Role | undefined => {
  if (shape.kind === "choice") {
    return shape.members.map((member) => roleByShape(member, value)).find((role) => role !== undefined)
  }
  if (shape.kind !== "text") return undefined
  if (shape.means === "secret") return "secret"
  if (shape.values !== undefined) {
    return shape.values.includes(value) || kindPattern.test(value) ? "kept" : "text"
  }
  if (shape.means === "amount" && amountPattern.test(value)) return "kept"
  return undefined
}

/** Names of fields and parameters, which errors contain. */
const fieldPattern = /^[\w.[\]-]{1,80}$/

const isKind = (key: string, value: string): boolean =>
  key === "content_type"
    ? mediaTypePattern.test(value)
    : key === "param" || key === "field"
      ? fieldPattern.test(value)
      : kindKeys.has(key) && kindPattern.test(value)
