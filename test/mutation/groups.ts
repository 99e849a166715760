/**
 * The parts of the SDK whose tests are measured, each with the test files that describe it. A mutant runs only these test
 * files, because the whole suite takes too long for each of some thousand mutants.
 */
export interface Group {
  readonly mutate: ReadonlyArray<string>
  readonly tests: ReadonlyArray<string>
}

export const groups: Readonly<Record<string, Group>> = {
  verification: {
    mutate: ["src/webhooks/{verify,verifyDelivery,signature,decodeEvent,sign}.ts"],
    tests: ["test/webhooks/{verify,verification-issues,handler}.test.ts"]
  },
  dedupe: {
    mutate: ["src/webhooks/dedupe/*.ts"],
    tests: ["test/webhooks/{dedupe,handler,limits}.test.ts"]
  },
  "etag-cache": {
    mutate: ["src/EntityTagCache.ts", "src/internal/pipeline/{entityTagCache,responseCache}.ts"],
    tests: ["test/pipeline/{entity-tag-cache,entity-tag-cache-entries,conditional}.test.ts"]
  },
  download: {
    mutate: ["src/mailbox/attachments/{resume,downloads}.ts"],
    tests: ["test/mailbox/{resume,downloads,attachments,untyped}.test.ts", "test/pipeline/idle.test.ts"]
  },
  timing: {
    mutate: ["src/internal/timing/*.ts"],
    tests: ["test/pipeline/{backoff,poll,retry-delays,retries,idempotency-conflicts}.test.ts"]
  },
  streams: {
    mutate: ["src/internal/dialect/stream.ts", "src/internal/methods/{streams,lists}.ts"],
    tests: [
      "test/dialect/stream.test.ts",
      "test/pipeline/{streams,pagination,conditional,idle,retries}.test.ts"
    ]
  },
  follower: {
    mutate: ["src/mailbox/{sync,events}/*.ts", "src/mailbox/endless.ts"],
    tests: ["test/mailbox/{events,events-socket,sync,untyped,messages}.test.ts"]
  },
  response: {
    mutate: ["src/internal/response/*.ts"],
    tests: ["test/pipeline/*.test.ts", "test/mailbox/{events,attachments,downloads}.test.ts"]
  },
  pipeline: {
    mutate: ["src/internal/pipeline/!(entityTagCache|responseCache).ts"],
    tests: ["test/pipeline/*.test.ts"]
  }
}
