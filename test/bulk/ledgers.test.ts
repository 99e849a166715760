import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import * as KeyValueStore from "@effect/platform/KeyValueStore"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { afterAll } from "vitest"
import { Ledger } from "../../src/Bulk.js"
import * as LedgerSqlite from "../../src/LedgerSqlite.js"
import { testLedger } from "./ledger.js"

const directory = mkdtempSync(join(tmpdir(), "ledger-"))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

let files = 0
const newFile = () => join(directory, `${files++}.sqlite`)

describe("the ledger in memory", () => {
  testLedger(() => Ledger.layerMemory, Layer.empty)
})

describe("the ledger in a KeyValueStore", () => {
  testLedger(() => Ledger.layerKeyValueStore().pipe(Layer.provide(KeyValueStore.layerMemory)), Layer.empty)
})

describe("the ledger in SQLite", () => {
  testLedger(() => LedgerSqlite.layer({ filename: newFile() }), Layer.empty)

  it.effect("is opened again with everything that was recorded", () => {
    const filename = newFile()
    const chunk = { key: "k", items: [{ id: "a", hash: "h", attempts: 0 }], body: "[1]", sentAt: 5 }
    const opened = <A, E>(use: (ledger: Ledger["Type"]) => Effect.Effect<A, E>) =>
      Effect.provide(Effect.flatMap(Ledger, use), LedgerSqlite.layer({ filename }))
    return Effect.gen(function* () {
      yield* opened((ledger) => ledger.begin("s", chunk, { runner: "x", owner: "x/1", until: 10 }))
      const found = yield* opened((ledger) =>
        ledger.takeOver("s", 10, { runner: "y", owner: "y/1", until: 20 })
      )
      expect(found).toEqual(chunk)
    })
  })

  it.effect("fails with a LedgerError if its file cannot be opened", () =>
    Effect.gen(function* () {
      const filename = join(directory, "missing", "x.sqlite")
      const error = yield* Effect.flip(Effect.provide(Ledger, LedgerSqlite.layer({ filename })))
      expect(error.message).toContain("The ledger failed to open: the file cannot be opened")
    })
  )
})
