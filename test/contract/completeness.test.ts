/**
 * Checks that every operation is complete: it has facts, a method on its service, a schema for its response and a route
 * in the sandbox. Each test fails with the names of the operations that lack a part.
 */
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { bare } from "../support/bare.js"
import { loadService, methodsOf } from "./calls.js"
import { surfaces } from "./contract.js"
import { discover } from "./discover.js"
import { readFacts } from "./facts.js"

const contract = readFacts()
const { failures, operations } = await discover()
const names = [...operations.keys()]

/** The methods of every service, as `surface.group.method`. */
const methods = Effect.gen(function* () {
  const all = new Set<string>()
  for (const surface of surfaces) {
    const service = yield* Effect.promise(() => loadService(surface))
    if (service === undefined) continue
    for (const name of yield* methodsOf(surface, service)) all.add(`${surface}.${name}`)
  }
  return all
})

describe("completeness of the operations", () => {
  it("loads every module of the surfaces", () => {
    expect(failures).toEqual([])
  })

  it("has facts for every operation", () => {
    const documented = new Set(contract.operations.map(({ name }) => name))
    expect(
      names.filter((name) => !documented.has(name)),
      "operations without an entry in test/contract/facts"
    ).toEqual([])
  })

  it("has an operation for every fact", () => {
    expect(
      contract.operations.map(({ name }) => name).filter((name) => !operations.has(name)),
      "facts without an operation in src"
    ).toEqual([])
  })

  it.effect("has a method on its service for every operation", () =>
    Effect.map(methods, (offered) => {
      expect(
        names.filter((name) => !offered.has(name)),
        "operations without a method on their service"
      ).toEqual([])
    })
  )

  it("has a schema of the response data for every operation that is not a stream", () => {
    const described = [...operations].filter(([, forms]) =>
      forms.some(
        ({ operation: { data, response } }) => data === undefined && !["bytes", "events"].includes(response)
      )
    )
    expect(
      described.map(([name]) => name),
      "operations without a data schema"
    ).toEqual([])
  })

  it.scoped("has a sandbox route for every operation", () =>
    Effect.gen(function* () {
      const { control, send } = yield* bare(contract)
      for (const forms of operations.values()) {
        for (const { operation } of forms.slice(0, 1)) {
          const { http, path, surface } = operation
          yield* send(surface, `${http} ${path.replace(/\{\w+\}/g, "x")}`, { key: "smx_none" })
        }
      }
      const routed = new Set((yield* control.requests).map(({ operation }) => operation))
      expect(
        names.filter((name) => !routed.has(name)),
        "operations without a route in src/sandbox"
      ).toEqual([])
    })
  )
})
