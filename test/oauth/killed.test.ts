/**
 * Processes that are killed with SIGKILL in the middle of a refresh, with tokens in files.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { afterAll, beforeAll } from "vitest"
import * as Sandbox from "../../src/Sandbox.js"
import { type Bundles, bundlePrograms, start } from "../support/children.js"
import { serve } from "../support/sandbox.js"
import type { ProgramArgument } from "./process/program.js"

let bundles: Bundles

beforeAll(async () => {
  bundles = await bundlePrograms(["test/oauth/process/program.ts"])
})

afterAll(() => bundles.remove())

const encryptionKey = Buffer.alloc(32, 3).toString("base64")

/** A served sandbox, a folder for tokens, and a function that runs the program with them. */
const setting = (key: string | undefined) =>
  Effect.gen(function* () {
    const sandbox = yield* Sandbox.make()
    const issuer = yield* serve(sandbox)
    const directory = yield* Effect.acquireRelease(
      Effect.sync(() => mkdtempSync(join(tmpdir(), "sendmux-tokens-"))),
      (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
    )
    const launch = (argument: Partial<ProgramArgument>) =>
      start(bundles.script("program"), {
        issuer,
        directory,
        key,
        ahead: 0,
        action: "get an access token",
        ...argument
      })
    /** Runs the program to its end, and returns the line that it prints. */
    const run = (argument: Partial<ProgramArgument> = {}) =>
      Effect.promise(async () => {
        const child = launch(argument)
        const line = await child.line()
        await child.ended
        return line
      })
    /** Kills the program when it stands still before a write. */
    const killBeforeWrite = (stopBeforeWrite: number, ahead: number) =>
      Effect.promise(async () => {
        const child = launch({ stopBeforeWrite, ahead })
        expect(await child.line()).toEqual({ stopped: stopBeforeWrite })
        child.kill()
        await child.ended
        expect(child.process.signalCode).toBe("SIGKILL")
      })
    const refreshes = Effect.map(
      sandbox.control.requests,
      (requests) => requests.filter(({ operation }) => operation === "oauth.token").length - 1
    )
    const files = () =>
      readdirSync(directory)
        .map((name) => readFileSync(join(directory, name), "utf8"))
        .join("\n")
    return { ...sandbox, run, killBeforeWrite, refreshes, files }
  })

/** When the access token of a login has expired. */
const expired = 15 * 60_000

describe("a process that is killed with SIGKILL", () => {
  for (const [what, key] of [
    ["plain files", undefined],
    ["encrypted files", encryptionKey]
  ] as const) {
    it.scopedLive(
      `between the response to a refresh and the write to ${what} asks for a login at the next start, and sends nothing`,
      () =>
        Effect.gen(function* () {
          const { control, files, killBeforeWrite, refreshes, run } = yield* setting(key)
          expect(yield* run({ action: "log in" })).toEqual({ loggedIn: "default" })
          yield* killBeforeWrite(2, expired)
          expect(yield* refreshes).toBe(1)
          const required = { outcome: "LoginRequired", reason: "UncertainRefresh" }
          expect(yield* run({ ahead: expired })).toEqual(required)
          expect(yield* run({ ahead: expired })).toEqual(required)
          expect(yield* refreshes).toBe(1)
          // The tokens of the refresh are still valid: no replay has revoked their grant.
          expect(yield* control.oauth.revokeGrants).toBe(1)
          if (key === undefined) expect(files()).toContain('"state":"refreshing"')
          else expect(files()).not.toMatch(/oat_|ort_|refreshing/)
        })
    )
  }

  it.scopedLive("before it marks the refresh in its file starts again without a login", () =>
    Effect.gen(function* () {
      const { control, killBeforeWrite, refreshes, run } = yield* setting(encryptionKey)
      yield* run({ action: "log in" })
      yield* killBeforeWrite(1, expired)
      expect(yield* refreshes).toBe(0)
      expect(yield* run({ ahead: expired })).toEqual({ outcome: "token" })
      expect(yield* run({ ahead: expired })).toEqual({ outcome: "token" })
      expect(yield* refreshes).toBe(1)
      expect(yield* control.oauth.revokeGrants).toBe(1)
    })
  )
})
