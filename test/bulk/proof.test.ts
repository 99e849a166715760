import { describe, expect, it } from "vitest"
import { type ProofOptions, prove } from "../proof/proof.js"

const small: ProofOptions = {
  messages: 1_500,
  kills: 0,
  runners: 1,
  outbox: false,
  limit: 1_000_000,
  postgres: undefined,
  lifetime: 800,
  seed: 7
}

/** Runs the proof, and returns what has to be zero. */
const failuresOf = async (options: Partial<ProofOptions>) => {
  const figures = await prove({ ...small, ...options })
  expect(figures.outcomes).toEqual({ Queued: figures.messages })
  expect(figures.kills).toBe(options.kills ?? 0)
  return { missing: figures.missing, duplicates: figures.duplicates }
}

const none = { missing: 0, duplicates: 0 }

describe("over a served sandbox with faults, each message arrives exactly once", () => {
  it("from one sender", async () => {
    expect(await failuresOf({})).toEqual(none)
  })

  it("from a sender that is killed with SIGKILL at random moments", async () => {
    expect(await failuresOf({ kills: 4 })).toEqual(none)
  })

  it("from two senders of one campaign, of which one is killed", async () => {
    expect(await failuresOf({ kills: 2, runners: 2 })).toEqual(none)
  })

  it("from an outbox whose process is killed with SIGKILL at random moments", async () => {
    expect(await failuresOf({ messages: 300, kills: 4, outbox: true })).toEqual(none)
  })
})
