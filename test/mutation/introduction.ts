import { groups } from "./groups.js"

const list = (patterns: ReadonlyArray<string>): string =>
  patterns.map((pattern) => `\`${pattern}\``).join(", ")

/** The part of `docs/mutation.md` that does not depend on a run. */
export const introduction = `# Mutation tests

A mutation run measures the tests: [Stryker](https://stryker-mutator.io) changes the sources in one place at a time, for
example \`<\` to \`<=\`, and runs the tests that cover the place. A change that makes a test fail is killed. A change that no
test notices survives, and shows a behavior that is not tested, or code that has no effect.

\`\`\`sh
npm run mutation                            # all groups, which takes more than an hour
npm run mutation -- verification dedupe     # some groups
npm run mutation -- timing --mutate src/internal/timing/retry.ts:90-110 --force
npm run mutation:report                     # writes this page from the latest results
\`\`\`

A run is incremental: a mutant is tested again only if its code has changed, if the test that killed it has changed its
title or is gone, or if a new test covers it. The results are in \`node_modules/.cache/mutation\`. The runs are not part of
the continuous integration.

All mutators of Stryker are enabled, those for texts included, and no mutant is ignored. A mutant that makes a test wait for
longer than 8 seconds, or run without an end, counts as killed. A mutant with which a module cannot be loaded counts
neither as killed nor as survived: it is in the last column of the table.

| Group | Sources | Tests |
|---|---|---|
${Object.entries(groups)
  .map(([name, { mutate, tests }]) => `| ${name} | ${list(mutate)} | ${list(tests)} |`)
  .join("\n")}

## Deleted statements

Stryker does not delete single statements. The following deletions and changes were made by hand, and each makes a test fail:

| Change | File of the test |
|---|---|
| an attempt does not clear \`bodyRead\`, the status or the request id of the one before | \`test/pipeline/abort.test.ts\`, \`test/pipeline/observability.test.ts\` |
| a request that may still be running is not remembered, or a call is observed twice | \`test/pipeline/idempotency-conflicts.test.ts\`, \`test/pipeline/caller.test.ts\` |
| secrets are not sorted by length | \`test/response/scrub.test.ts\` |
| a truncated failure is retryable for every call, or not for one with an idempotency key | \`test/response/errors.test.ts\` |
| a body that is shorter than its \`Content-Length\` is complete | \`test/response/bodies.test.ts\` |
| a download does not count its failures or renewals, or does not reset them after a byte | \`test/mailbox/resume.test.ts\` |
| a follower does not count its snapshots in a round, does not move on to new states or tokens, or ignores items that are gone | \`test/mailbox/sync-rounds.test.ts\` |
| an event stream keeps its state of the connection before, or its id after \`sync_required\` | \`test/mailbox/listen.test.ts\` |
`
