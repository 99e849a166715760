/**
 * The parts of the SDK whose tests are measured, each with the test files that describe it. A mutant runs only these test
 * files, because the whole suite takes too long for each of some thousand mutants.
 */
export interface Group {
  readonly mutate: ReadonlyArray<string>
  /** Fast files first: the tests of a mutant end with the first failure. */
  readonly tests: ReadonlyArray<string>
}

const testsIn = (folder: string, ...names: ReadonlyArray<string>): ReadonlyArray<string> =>
  names.map((name) => `test/${folder}/${name}.test.ts`)

export const groups: Readonly<Record<string, Group>> = {
  verification: {
    mutate: ["src/webhooks/{verify,verifyDelivery,signature,decodeEvent,sign}.ts"],
    tests: testsIn("webhooks", "verification-issues", "verify", "handler")
  },
  dedupe: {
    mutate: ["src/webhooks/dedupe/*.ts"],
    tests: testsIn("webhooks", "dedupe", "handler", "limits")
  },
  "etag-cache": {
    mutate: ["src/EntityTagCache.ts", "src/internal/pipeline/{entityTagCache,responseCache}.ts"],
    tests: testsIn("pipeline", "entity-tag-cache-entries", "entity-tag-cache", "conditional")
  },
  download: {
    mutate: ["src/mailbox/attachments/{resume,downloads}.ts"],
    tests: testsIn("mailbox", "resume", "downloads", "attachments", "untyped")
  },
  timing: {
    mutate: ["src/internal/timing/*.ts"],
    tests: testsIn("pipeline", "backoff", "poll", "retry-delays", "idempotency-conflicts", "retries")
  },
  streams: {
    mutate: [
      "src/internal/dialect/stream.ts",
      "src/internal/dialect/shared/{handover,wakeups}.ts",
      "src/internal/methods/{streams,lists}.ts"
    ],
    tests: [
      ...testsIn("dialect", "wakeups", "stream"),
      ...testsIn("response", "bodies", "frames"),
      ...testsIn("pipeline", "pagination", "conditional", "idle", "retries"),
      ...testsIn("mailbox", "downloads")
    ]
  },
  follower: {
    mutate: ["src/mailbox/sync/{follower,phases,readChanges,sources}.ts"],
    tests: testsIn("mailbox", "sync-phases", "sync-reads", "sync-rounds", "sync-round-failures", "sync")
  },
  "event-streams": {
    mutate: ["src/mailbox/events/{stream,eventIds}.ts", "src/mailbox/endless.ts"],
    tests: testsIn(
      "mailbox",
      "listen",
      "events",
      "events-resume",
      "events-reconnect",
      "odd-responses",
      "sync"
    )
  },
  response: {
    mutate: [
      "src/internal/response/*.ts",
      "src/internal/model/{failure,headers}.ts",
      "src/internal/values/scrub.ts"
    ],
    tests: [
      ...testsIn("response", "scrub", "meta", "errors", "bodies", "frames"),
      ...testsIn(
        "pipeline",
        "error-text",
        "hostile-text",
        "idle",
        "abort",
        "compression",
        "entity-tag-cache",
        "secrets",
        "retries",
        "body"
      )
    ]
  },
  pipeline: {
    mutate: ["src/internal/pipeline/!(entityTagCache|responseCache).ts"],
    tests: testsIn(
      "pipeline",
      "replay",
      "layer-options",
      "attempt-errors",
      "abort",
      "credentials",
      "cleartext",
      "retries",
      "retry-delays",
      "idempotency-conflicts",
      "idempotency",
      "logging",
      "observability",
      "secrets",
      "conditional",
      "caller",
      "interruption"
    )
  }
}
