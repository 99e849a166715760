/**
 * The examples of `docs/sandbox.md`: programs with standard clients, which run against a served sandbox. An example whose tool
 * is not on this machine is skipped.
 */
import { execFile, spawnSync } from "node:child_process"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Sandbox from "../../src/Sandbox.js"
import { root } from "../support/blocks.js"
import { serve } from "../support/sandbox.js"

const run = promisify(execFile)

const hasTool = (name: string, ...args: ReadonlyArray<string>): boolean => spawnSync(name, args).status === 0

interface Tool {
  readonly name: string
  readonly exists: boolean
  /** The command that runs a file. */
  readonly command: (file: string) => readonly [program: string, ...args: Array<string>]
}

// The option of curl that the examples use exists since version 7.76.
const curl: Tool = {
  name: "bash and curl 7.76",
  exists: hasTool("bash", "--version") && hasTool("curl", "--fail-with-body", "--version"),
  command: (file) => ["bash", file]
}

const python: Tool = {
  name: "python3",
  exists: hasTool("python3", "--version"),
  command: (file) => ["python3", file]
}

const go: Tool = {
  name: "go 1.18",
  exists: /go1\.(?:1[89]|[2-9]\d)/.test(String(spawnSync("go", ["version"]).stdout)),
  command: (file) => ["go", "run", file]
}

/** Runs an example against a new sandbox, and returns what it printed and the control. */
const example = (tool: Tool, file: string) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make()
    const url = yield* serve(sandbox)
    const [program, ...args] = tool.command(join(root, "docs/examples/sandbox", file))
    const { stdout } = yield* Effect.promise(() =>
      run(program, args, {
        cwd: tmpdir(),
        // A proxy of the environment must not see the requests, and Go must not load another version of itself.
        env: { ...process.env, SANDBOX: url, NO_PROXY: "*", no_proxy: "*", GOTOOLCHAIN: "local" }
      })
    )
    return { control: sandbox.control, stdout, subjects: subjectsIn(sandbox.control) }
  })

const subjectsIn = ({ outbox }: Sandbox.SandboxControl) =>
  Effect.map(outbox, (emails) => emails.map(({ subject }) => subject))

/** A test of an example, whose name tells the tool that it needs. */
const test = (
  tool: Tool,
  file: string,
  claim: string,
  check: (
    result: Effect.Effect.Success<ReturnType<typeof example>>
  ) => Effect.Effect<void, Sandbox.SandboxTimeoutError>
) =>
  it.live.skipIf(!tool.exists)(`the example ${file} ${claim} (needs ${tool.name})`, () =>
    example(tool, file).pipe(Effect.flatMap(check), Effect.scoped)
  )

test(
  curl,
  "send.sh",
  "sends one message with two requests of the same key",
  ({ control, stdout, subjects }) =>
    Effect.gen(function* () {
      expect(yield* subjects).toEqual(["Welcome"])
      expect((yield* control.counters).requests["sending.emails.send"]).toEqual({ 200: 2 })
      expect(stdout).toContain('"subject":"Welcome"')
      expect(stdout).toContain('"emails":1')
    })
)

test(curl, "faults.sh", "is refused once, and sends its message after Retry-After", ({ control, subjects }) =>
  Effect.gen(function* () {
    expect(yield* subjects).toEqual(["Patience"])
    expect((yield* control.counters).requests["sending.emails.send"]).toEqual({ 200: 1, 429: 1 })
    expect(yield* control.unusedFaults).toEqual([])
  })
)

test(curl, "inbound.sh", "delivers two messages, and finds one of them by a word", ({ control, stdout }) =>
  Effect.gen(function* () {
    expect((yield* control.counters).arrivals).toBe(2)
    yield* control.waitForArrival({ to: "agent@sandbox.test", from: "ada@example.org", subject: "Raw" })
    const found: unknown = JSON.parse(stdout.trim().split("\n").at(-1) ?? "")
    expect(found).toMatchObject({ ok: true, data: [{ subject: "A question" }] })
  })
)

test(curl, "events.sh", "reads an event of the mailbox, and the moved time ends the stream", ({ stdout }) =>
  Effect.sync(() => {
    expect(stdout).toContain("event: message.received\n")
    expect(stdout).toContain('"subject":"News"')
  })
)

test(python, "sign_up.py", "sends one message with three requests", ({ control, stdout, subjects }) =>
  Effect.gen(function* () {
    expect(yield* subjects).toEqual(["Confirm your address"])
    expect(yield* control.counters).toMatchObject({
      faults: 2,
      requests: { "sending.emails.send": { 0: 1, 200: 1, 429: 1 } }
    })
    expect(stdout).toContain("https://example.com/confirm?token=7")
  })
)

test(python, "webhook.py", "accepts the signed event of a bounce", ({ control, stdout }) =>
  Effect.gen(function* () {
    const { attempt, result, type } = yield* control.waitForDelivery()
    expect({ attempt, result, type }).toEqual({ attempt: 1, result: "success", type: "message.bounced" })
    expect(stdout).toContain("accepted message.bounced")
  })
)

test(python, "reminder.py", "sends a draft that was scheduled for the next day", ({ control, subjects }) =>
  Effect.gen(function* () {
    expect(yield* subjects).toEqual(["Reminder"])
    expect((yield* control.now) - Date.now()).toBeGreaterThan(86_000_000)
  })
)

test(
  go,
  "main.go",
  "repeats a refused request, receives a webhook and reads an event",
  ({ control, stdout }) =>
    Effect.gen(function* () {
      expect((yield* control.counters).requests["sending.emails.send"]).toEqual({ 200: 1, 503: 1 })
      const { result, type } = yield* control.waitForDelivery()
      expect({ result, type }).toEqual({ result: "success", type: "message.delivered" })
      expect(stdout).toBe("the mailbox has received Welcome\n")
    })
)
