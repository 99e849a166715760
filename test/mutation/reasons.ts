/**
 * Why a mutant survives.
 */
export const categories = {
  equivalent: {
    title: "No difference in behavior",
    explanation: "The changed code does the same as the original for every input that can occur."
  },
  performance: {
    title: "Difference in speed or memory only",
    explanation: "The changed code gives the same results, but works more or keeps more."
  },
  text: {
    title: "Texts for people",
    explanation: "The change concerns the wording of a description that no program reads."
  },
  elsewhere: {
    title: "Noticed by a test that was not run",
    explanation:
      "A test fails with the change, but the run does not use it: the group leaves it out because it is slow, or the code keeps its first result, so that only the first test reaches it."
  },
  unreachable: {
    title: "Code for runtimes that the tests do not run in",
    explanation: "The code guards against a condition that the test environment cannot produce."
  }
} as const

export interface Reason {
  /** The end of the path of the file. */
  readonly file: string
  /** The code that was changed, in one line. */
  readonly code: string
  /** What replaced it. By default, every replacement of the code. */
  readonly replacement?: string
  readonly category: keyof typeof categories
  readonly why: string
}

export const reasons: ReadonlyArray<Reason> = [
  // verification
  {
    file: "verifyDelivery.ts",
    code: "name !== undefined",
    category: "equivalent",
    why: "Other headers are then collected under the key `undefined`, which is never read."
  },
  {
    file: "verifyDelivery.ts",
    code: "timestamp === undefined",
    category: "equivalent",
    why: "The pattern of a timestamp does not match the text `undefined` either."
  },
  {
    file: "verifyDelivery.ts",
    code: "age > 0",
    replacement: "age >= 0",
    category: "equivalent",
    why: "An age of zero is always within the tolerance, so it is never reported."
  },
  {
    file: "verifyDelivery.ts",
    code: '""',
    category: "equivalent",
    why: "No text that is not a number becomes an attempt."
  },
  {
    file: "verifyDelivery.ts",
    code: "[]",
    category: "equivalent",
    why: "No text that is not a number becomes an attempt."
  },
  // etag-cache
  {
    file: "entityTagCache.ts",
    code: "etag !== undefined",
    category: "equivalent",
    why: "An entry without an ETag is never sent as `If-None-Match`, as if it were not stored."
  },
  {
    file: "entityTagCache.ts",
    code: '""',
    category: "equivalent",
    why: "Every text without `no-store` means the same as no header."
  },
  {
    file: "entityTagCache.ts",
    code: "entry === undefined",
    category: "equivalent",
    why: "Without an entry there is no known value either, which the next condition checks. The compiler needs both."
  },
  {
    file: "entityTagCache.ts",
    code: "[]",
    category: "equivalent",
    why: "The secrets and issues concern errors, which are discarded here."
  },
  {
    file: "entityTagCache.ts",
    code: "{ ok: false, issues: [] }",
    category: "equivalent",
    why: "Without `ok`, the value is as unusable as with `false`."
  },
  {
    file: "entityTagCache.ts",
    code: "encode === undefined",
    replacement: "true",
    category: "performance",
    why: "The encoder is then compiled for each response instead of once for each operation."
  },
  {
    file: "entityTagCache.ts",
    code: "slot === undefined",
    category: "equivalent",
    why: "The text `undefined` is no JSON either. The compiler needs the check."
  },
  {
    file: "entityTagCache.ts",
    code: "existing !== undefined",
    category: "performance",
    why: "The counter is then looked up for each read, and is the same counter."
  },
  // download
  {
    file: "downloads.ts",
    code: "[200, 206]",
    category: "equivalent",
    why: "Every status from 200 to 299 is a success. The contract tests compare the list with the API's document."
  },
  {
    file: "downloads.ts",
    code: "ifRange === undefined",
    category: "equivalent",
    why: "A header whose value is `undefined` is not sent."
  },
  {
    file: "downloads.ts",
    code: 'typeof attachment === "string"',
    replacement: "false",
    category: "equivalent",
    why: "A text has neither a size nor a URL, like an unknown attachment. The compiler needs the check."
  },
  {
    file: "downloads.ts",
    code: '"string"',
    category: "equivalent",
    why: "A text has neither a size nor a URL, like an unknown attachment. The compiler needs the check."
  },
  {
    file: "downloads.ts",
    code: "[]",
    category: "equivalent",
    why: "An element without an id is no attachment that the caller asked for."
  },
  {
    file: "downloads.ts",
    code: '"GET"',
    category: "elsewhere",
    why: "`test/contract/contract.test.ts` compares the operation with the API's document."
  },
  {
    file: "downloads.ts",
    code: '"bytes"',
    category: "elsewhere",
    why: "`test/contract/contract.test.ts` compares the operation with the API's document."
  },
  {
    file: "downloads.ts",
    code: '""',
    category: "equivalent",
    why: "A signed URL replaces the path."
  },
  {
    file: "resume.ts",
    code: "skip === 0",
    category: "performance",
    why: "A view of the whole chunk is then made, which has the same bytes."
  },
  {
    file: "resume.ts",
    code: '""',
    category: "equivalent",
    why: "Neither text is a valid `Content-Range`."
  },
  {
    file: "resume.ts",
    code: '"0"',
    category: "equivalent",
    why: "An empty text is the number 0 as well."
  },
  {
    file: "resume.ts",
    code: '"*"',
    category: "equivalent",
    why: "The size is read for a status of 206 only, where the pattern has matched."
  },
  {
    file: "resume.ts",
    code: "[]",
    category: "equivalent",
    why: "Only the groups after the first element are read."
  },
  {
    file: "resume.ts",
    code: "last !== undefined",
    category: "equivalent",
    why: "Comparisons with `NaN` are false, as is the check. The compiler needs it."
  },
  {
    file: "resume.ts",
    code: "total !== undefined",
    category: "equivalent",
    why: "Comparisons with `undefined` are false, as is the check. The compiler needs it."
  },
  {
    file: "resume.ts",
    code: "etag !== undefined",
    category: "equivalent",
    why: "The text `undefined` is no strong ETag. The compiler needs the check."
  },
  {
    file: "resume.ts",
    code: "this.total !== total",
    category: "equivalent",
    why: "A download of a known size has ended before it requests the byte after the last."
  },
  {
    file: "resume.ts",
    code: "this.total !== undefined",
    category: "equivalent",
    why: "Comparisons with `undefined` are false, as is the check. The compiler needs it."
  },
  {
    file: "resume.ts",
    code: 'error._tag === "APIError"',
    category: "equivalent",
    why: "Other errors have neither a status nor a delay. The compiler needs the check."
  },
  {
    file: "resume.ts",
    code: "hint !== undefined",
    category: "equivalent",
    why: "Comparisons with `undefined` are false, as is the check. The compiler needs it."
  },
  // streams
  {
    file: "shared/wakeups.ts",
    code: "{ waiting.delete(wake) }",
    category: "performance",
    why: "A wait that was interrupted is then forgotten with the next ring only."
  },
  {
    file: "shared/handover.ts",
    code: "false",
    replacement: "true",
    category: "equivalent",
    why: "The fiber starts when the first elements are requested, so that it may read them at once."
  },
  {
    file: "shared/handover.ts",
    code: "!wanted",
    replacement: "true",
    category: "equivalent",
    why: "A second start of the same read has no effect."
  },
  {
    file: "lists.ts",
    code: "recent.size > maxRecentCursors",
    category: "performance",
    why: "More or fewer cursors are then remembered. Cycles are found all the same."
  },
  {
    file: "lists.ts",
    code: "count < next",
    replacement: "count <= next",
    category: "performance",
    why: "The older cursor then moves one page later, and a long cycle is found a few pages later."
  },
  // follower
  {
    file: "follower.ts",
    code: "settings.since[type] === undefined",
    replacement: "false",
    category: "equivalent",
    why: "A state that is `undefined` counts as a missing one everywhere."
  },
  {
    file: "follower.ts",
    code: "change === undefined",
    category: "equivalent",
    why: "One type is requested, so there is one change. The compiler needs the check."
  },
  {
    file: "follower.ts",
    code: "[]",
    category: "equivalent",
    why: "An element without the tag `Removed` is filtered out."
  },
  {
    file: "follower.ts",
    code: 'error._tag === "PaginationError"',
    replacement: "false",
    category: "equivalent",
    why: "The error is not transient, so the retries end with it as well. The compiler needs the check."
  },
  {
    file: "follower.ts",
    code: '"PaginationError"',
    category: "equivalent",
    why: "The error is not transient, so the retries end with it as well. The compiler needs the check."
  },
  {
    file: "follower.ts",
    code: 'error._tag !== "APIError"',
    replacement: "false",
    category: "equivalent",
    why: "Other errors have no `retryAfter`. The compiler needs the check."
  },
  {
    file: "follower.ts",
    code: "Duration.toMillis(error.retryAfter) <= maxHintMillis",
    replacement: "Duration.toMillis(error.retryAfter) < maxHintMillis",
    category: "equivalent",
    why: "A delay of exactly five minutes is then replaced by the same delay."
  },
  {
    file: "follower.ts",
    code: "true",
    replacement: "false",
    category: "equivalent",
    why: "A policy reads the delay by its name, for which it does not have to be enumerable."
  },
  {
    file: "phases.ts",
    code: "cursors.length > 1",
    category: "equivalent",
    why: "For a single cursor, the cursor before it is that cursor, `undefined`."
  },
  {
    file: "readChanges.ts",
    code: "only !== undefined",
    category: "equivalent",
    why: "A request has at least one type. The compiler needs the check."
  },
  {
    file: "sources.ts",
    code: "[]",
    category: "equivalent",
    why: "An item without an id is none that was asked for."
  },
  {
    file: "sources.ts",
    code: "wanted.has(item.id)",
    replacement: "true",
    category: "performance",
    why: "Items that were not asked for are then kept until the result is built from those that were."
  },
  // event-streams
  {
    file: "endless.ts",
    code: "!(error instanceof APIError)",
    replacement: "false",
    category: "equivalent",
    why: "Other errors have no code, which no status implies. The compiler needs the check."
  },
  {
    file: "endless.ts",
    code: "error === null",
    replacement: "false",
    category: "equivalent",
    why: "An error is never `null`. The compiler needs the check."
  },
  {
    file: "endless.ts",
    code: '"sendmux_stream_waits"',
    category: "elsewhere",
    why: "`test/mailbox/events.test.ts` fails with the change, in its test of the metric."
  },
  {
    file: "events/stream.ts",
    code: `\`The connection was silent for \${maxSilence} ms\``,
    category: "text",
    why: "The stream goes on after a silent connection, which was open for long enough to be healthy, and logs the reason only."
  },
  {
    file: "events/stream.ts",
    code: "[]",
    category: "equivalent",
    why: "An id that was never remembered is then forgotten."
  },
  {
    file: "events/stream.ts",
    code: "startAfter !== undefined",
    replacement: "true",
    category: "equivalent",
    why: "`undefined` is then remembered as an id, with which no frame is compared."
  },
  {
    file: "events/stream.ts",
    code: "id !== undefined",
    replacement: "true",
    category: "equivalent",
    why: "`undefined` is never among the ids that are remembered. The compiler needs the check."
  },
  {
    file: "events/stream.ts",
    code: "this.openedAt !== undefined",
    replacement: "true",
    category: "equivalent",
    why: "Comparisons with `NaN` are false, as is the check. The compiler needs it."
  },
  {
    file: "events/stream.ts",
    code: 'signal._tag !== "Listening"',
    replacement: "true",
    category: "equivalent",
    why: "`Listening` has no id. The compiler needs the check."
  },
  {
    file: "events/stream.ts",
    code: '"Listening"',
    category: "equivalent",
    why: "`Listening` has no id. The compiler needs the check."
  },
  {
    file: "events/stream.ts",
    code: 'error._tag === "APIError"',
    replacement: "true",
    category: "equivalent",
    why: "No other error has a status from 400 to 499. The compiler needs the check."
  },
  {
    file: "events/stream.ts",
    code: "error.status < 500",
    category: "equivalent",
    why: "Only errors that end the stream are checked, so no status is 500 or more."
  },
  // response
  {
    file: "scrub.ts",
    code: "[]",
    category: "equivalent",
    why: "The text of Stryker then counts as a form of a secret, and occurs in no response."
  },
  {
    file: "scrub.ts",
    code: "secrets.length === 0",
    replacement: "false",
    category: "performance",
    why: "Without secrets, the pattern is then looked up instead."
  },
  {
    file: "scrub.ts",
    code: "knownPatterns.has(secrets)",
    replacement: "false",
    category: "performance",
    why: "The pattern is then made for each text instead of once for each list of secrets."
  },
  {
    file: "scrub.ts",
    code: "/=+$/",
    category: "equivalent",
    why: "Base64 has `=` at its end only."
  },
  {
    file: "response/bytes.ts",
    code: "expected === undefined",
    replacement: "false",
    category: "performance",
    why: "The bytes are then counted, and compared with `undefined`, which no number is less than."
  },
  {
    file: "response/bytes.ts",
    code: "text === undefined",
    replacement: "false",
    category: "equivalent",
    why: "`NaN` is no length either. The compiler needs the check."
  },
  {
    file: "response/errors.ts",
    code: "{ disableValidation: true }",
    category: "performance",
    why: "The fields of the error are then validated, and are always valid."
  },
  {
    file: "response/errors.ts",
    code: "true",
    replacement: "false",
    category: "performance",
    why: "The fields of the error are then validated, and are always valid."
  },
  {
    file: "response/errors.ts",
    code: '""',
    category: "equivalent",
    why: "The text of Stryker is neither JSON nor the name of an encoding, like the empty text."
  },
  {
    file: "model/failure.ts",
    code: '""',
    category: "equivalent",
    why: "The text of Stryker is not JSON, like the empty text."
  },
  {
    file: "response/errors.ts",
    code: "systemCode !== undefined",
    replacement: "true",
    category: "equivalent",
    why: "The text `undefined` matches no pattern either. The compiler needs the check."
  },
  // pipeline
  {
    file: "replay.ts",
    code: '""',
    category: "equivalent",
    why: "Neither text is a code of a connection that was never established."
  },
  {
    file: "replay.ts",
    code: 'error._tag === "APIError"',
    category: "equivalent",
    why: "Other errors have no code, which no status implies. The compiler needs the check."
  },
  {
    file: "replay.ts",
    code: 'error._tag !== "APIError"',
    replacement: "false",
    category: "equivalent",
    why: "Other errors are not retryable, which ends the next check. The compiler needs it."
  },
  // timing
  {
    file: "poll.ts",
    code: "millis !== undefined",
    category: "equivalent",
    why: "Comparisons with `undefined` are false, as is the check. The compiler needs it."
  },
  {
    file: "retry.ts",
    code: 'error._tag === "APIError"',
    category: "equivalent",
    why: "Other errors have no `retryAfter`. The compiler needs the check."
  }
]
