/**
 * The options of a run, checked, in milliseconds and bytes.
 */
import * as Effect from "effect/Effect"
import { type DurationInput, toMillis } from "../internal/dialect/core.js"
import type { InvalidRequestError, RequestIssue } from "../internal/model/errors.js"
import { invalidRequest } from "../internal/model/invalidRequest.js"
import { maxBatch } from "../sending/emails/schemas.js"
import type { RunOptions } from "./model.js"
import { nameRule } from "./names.js"

export interface Limits {
  readonly concurrency: number
  readonly chunkSize: number
  readonly maxChunkBytes: number
  readonly linger: number
  readonly maxWait: number
  readonly giveUpAfter: number
  readonly maxItemRetries: number
  readonly lease: number
  readonly total: number | undefined
}

/** The limits that options set. Fails with the error that names each invalid option. */
export const checkedLimits = (
  operation: string,
  options: RunOptions
): Effect.Effect<Limits, InvalidRequestError> => {
  const issues: Array<RequestIssue> = []
  const integer = (
    path: keyof RunOptions,
    given: number | undefined,
    otherwise: number,
    least: number,
    most: number
  ) => {
    const value = given ?? otherwise
    if (!Number.isSafeInteger(value) || value < least || value > most) {
      const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`
      issues.push({ path, message: `must be an integer ${range}` })
    }
    return value
  }
  const millis = (
    path: keyof RunOptions,
    given: DurationInput | undefined,
    otherwise: number,
    least: number
  ) => {
    const value = given === undefined ? otherwise : toMillis(given)
    if (value === undefined || !(value >= least)) {
      issues.push({ path, message: `must be a duration of at least ${least} ms` })
    }
    return value ?? otherwise
  }
  const most = Number.MAX_SAFE_INTEGER
  const limits: Limits = {
    concurrency: integer("concurrency", options.concurrency, 4, 1, 1_000),
    chunkSize: integer("chunkSize", options.chunkSize, maxBatch, 1, maxBatch),
    maxChunkBytes: integer("maxChunkBytes", options.maxChunkBytes, 8_388_608, 1, most),
    linger: millis("linger", options.linger, 1_000, 0),
    maxWait: millis("maxWait", options.maxWait, 300_000, 0),
    giveUpAfter: millis("giveUpAfter", options.giveUpAfter, 600_000, 0),
    maxItemRetries: integer("maxItemRetries", options.maxItemRetries, 5, 0, most),
    lease: millis("lease", options.lease, 30_000, 100),
    total: options.total === undefined ? undefined : integer("total", options.total, 0, 0, most)
  }
  return issues.length === 0 ? Effect.succeed(limits) : Effect.fail(invalidRequest(operation, issues))
}

const names = /* @__PURE__ */ nameRule(200)

/** Fails if a value cannot be the name of a campaign or of an outbox. */
export const checkName = (
  operation: string,
  path: string,
  name: unknown
): Effect.Effect<void, InvalidRequestError> =>
  names.fits(name) ? Effect.void : Effect.fail(invalidRequest(operation, [{ path, message: names.message }]))
