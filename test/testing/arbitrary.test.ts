import { describe, expect, it } from "vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { Management } from "../../src/index.js"
import { encoder } from "../../src/internal/dialect/schema.js"
import * as Testing from "../../src/Testing.js"
import { arbitraryDataOf } from "../../src/testing/arbitrary.js"
import { allOperations } from "../../src/testing/operations.js"
import { discover } from "../contract/discover.js"
import { samplesOf } from "../support/dialect/arbitrary.js"

const withData = allOperations.filter(({ response }) => response !== "bytes" && response !== "events")

describe("the operations of the kit", () => {
  it("are those of all surfaces", async () => {
    const { operations } = await discover()
    const known = new Set(allOperations.map(({ name }) => name))
    const missing = [...operations].filter(([name, built]) => {
      const isPublic = built.some(({ operation }) => operation.path !== "")
      return isPublic && !known.has(name)
    })
    expect(missing.map(([name]) => name)).toEqual([])
    expect(allOperations.length).toBe(118)
  })
})

describe("an arbitrary response", () => {
  for (const operation of withData) {
    it(`of ${operation.name} encodes, and decodes to an equal value`, () => {
      if (operation.data === undefined) throw new Error("the operation has no schema")
      const encode = encoder(operation.data)
      for (const value of samplesOf(arbitraryDataOf(operation.data), 20)) {
        const wire = encode(value)
        expect(wire.ok ? [] : wire.issues).toEqual([])
        if (!wire.ok) return
        const sent: unknown = JSON.parse(JSON.stringify(wire.value))
        const decoded = operation.decode(sent)
        expect(decoded.ok ? [] : decoded.issues).toEqual([])
        if (decoded.ok) expect(decoded.value).toEqual(value)
      }
    })
  }

  it("of a download does not exist", () => {
    expect(() => Testing.arbitrary("mailbox.attachments.download")).toThrow(
      "The response of mailbox.attachments.download has no schema"
    )
  })

  it("can be the reply of a mock", async () => {
    const [domain] = samplesOf(Testing.arbitrary("management.domains.get"), 1)
    if (domain === undefined) throw new Error("there is no sample")
    const program = Effect.flatMap(Management, ({ domains }) => domains.get("mdom_1"))
    const read = await Effect.runPromise(
      program.pipe(
        Effect.provide(
          Management.layer({ apiKey: Redacted.make("smx_root_mock") }).pipe(
            Layer.provide(Testing.layer({ "management.domains.get": Testing.ok(domain) }))
          )
        )
      )
    )
    expect(read.domain).toBe(domain.domain)
  })
})
