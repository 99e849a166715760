import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { beforeAll, describe, expect, expectTypeOf, it } from "vitest"
import { type Methods, makeMethods } from "../../src/internal/methods/methods.js"
import { modifyOf } from "../../src/internal/methods/modify.js"
import type {
  CallOptions,
  ConditionalMethod,
  ConditionalWriteOptions,
  IdempotentOptions,
  ListMethod,
  Method,
  StreamMethod
} from "../../src/internal/model/call.js"
import { operation } from "../../src/internal/operation/operation.js"
import { makePipeline } from "../../src/internal/pipeline/make.js"
import { domainOperations } from "../../src/management/domains/domains.js"
import type { DomainVerification } from "../../src/management/domains/schemas.js"
import { mockClient } from "../support/http.js"

const Item = Schema.Struct({ id: Schema.String })

const get = { http: "GET", path: "/things/{id}" } as const

const plain = operation("sending.things.plain", { ...get, data: Item })
const conditional = operation("sending.things.conditional", { ...get, data: Item, flags: ["conditional"] })
const items = operation("sending.things.items", { ...get, data: Schema.Array(Item) })
const conditionalItems = operation("sending.things.conditionalItems", {
  ...get,
  data: Schema.Array(Item),
  flags: ["conditional"]
})
const list = operation("sending.things.list", { ...get, data: Schema.Array(Item), flags: ["paginated"] })
const conditionalList = operation("sending.things.conditionalList", {
  ...get,
  data: Schema.Array(Item),
  flags: ["paginated", "conditional"]
})
const bytes = operation("sending.things.bytes", { ...get, response: "bytes" })
const conditionalBytes = operation("sending.things.conditionalBytes", {
  ...get,
  response: "bytes",
  flags: ["conditional"]
})
const signed = operation("sending.things.signed", { http: "GET", path: "", response: "bytes" })
const events = operation("sending.things.events", { ...get, response: "events" })
const text = operation("sending.things.text", { ...get, response: "text", data: Schema.String })

const write = { http: "PATCH", path: "/things/{id}", body: "json", input: Item, data: Item } as const

const update = operation("sending.things.update", { ...write, flags: ["ifMatch"] })
const blindUpdate = operation("sending.things.blindUpdate", write)
const idempotent = operation("sending.things.idempotent", { ...write, flags: ["idempotencyKey"] })

/** Every misuse still returns a function, since a combinator does nothing before its method is called. */
const made = (method: unknown) => expect(method).toBeTypeOf("function")

describe("combinators of methods", () => {
  let methods: Methods
  beforeAll(async () => {
    const options = { apiKey: Redacted.make("smx_mbx_types_0123456789") }
    const pipeline = makePipeline("sending", "https://api.test", options)
    methods = makeMethods(
      await Effect.runPromise(Effect.provide(pipeline, mockClient(() => "network").layer))
    )
  })

  it("accept the operations that have their flags", () => {
    made(methods.call(plain))
    made(methods.call(text))
    made(methods.conditional(conditional))
    made(methods.list(list))
    made(methods.conditionalList(conditionalList))
    made(methods.bytes(bytes))
    made(methods.openBytes(bytes))
    made(methods.openSigned(signed))
    made(methods.conditionalBytes(conditionalBytes))
    made(methods.events(events))
    made(modifyOf(update, methods.call(plain), methods.call(update)))
    expectTypeOf(methods.call(text)).toExtend<Method<[id: string, options?: CallOptions], string>>()
    expectTypeOf(methods.list(list)).toExtend<
      ListMethod<[id: string, options?: CallOptions], { readonly id: string }>
    >()
    expectTypeOf(methods.bytes(bytes)).toExtend<
      StreamMethod<[id: string, options?: CallOptions], Uint8Array>
    >()
  })

  it("reject call for bytes and events", () => {
    // @ts-expect-error a stream of bytes has no data
    made(methods.call(bytes))
    // @ts-expect-error a stream of events has no data
    made(methods.call(events))
  })

  it("reject presigned for bytes and events", () => {
    // @ts-expect-error a stream of bytes has no data
    made(methods.presigned(bytes))
    // @ts-expect-error a stream of events has no data
    made(methods.presigned(events))
  })

  it("reject conditional without the flag conditional, and for bytes", () => {
    // @ts-expect-error the operation lacks the flag conditional
    made(methods.conditional(plain))
    // @ts-expect-error a stream of bytes has no data
    made(methods.conditional(conditionalBytes))
  })

  it("reject list without the flag paginated", () => {
    // @ts-expect-error the operation lacks the flag paginated
    made(methods.list(items))
    // @ts-expect-error the data of the operation is not a list
    made(methods.list(plain))
  })

  it("reject conditionalList without both of its flags", () => {
    // @ts-expect-error the operation lacks the flag conditional
    made(methods.conditionalList(list))
    // @ts-expect-error the operation lacks the flag paginated
    made(methods.conditionalList(conditionalItems))
  })

  it("reject bytes, openBytes and openSigned for other kinds of response", () => {
    // @ts-expect-error the response is an envelope
    made(methods.bytes(plain))
    // @ts-expect-error the response is a stream of events
    made(methods.bytes(events))
    // @ts-expect-error the response is an envelope
    made(methods.openBytes(plain))
    // @ts-expect-error the response is a stream of events
    made(methods.openBytes(events))
    // @ts-expect-error the response is an envelope
    made(methods.openSigned(plain))
    // @ts-expect-error a signed URL has no positional ids
    made(methods.openSigned(bytes))
  })

  it("reject conditionalBytes without the flag conditional, and for an envelope", () => {
    // @ts-expect-error the operation lacks the flag conditional
    made(methods.conditionalBytes(bytes))
    // @ts-expect-error the response is an envelope
    made(methods.conditionalBytes(conditional))
  })

  it("reject events for other kinds of response", () => {
    // @ts-expect-error the response is a stream of bytes
    made(methods.events(bytes))
    // @ts-expect-error the response is an envelope
    made(methods.events(plain))
  })

  it("reject modifyOf without the flag ifMatch", () => {
    const read = methods.call(plain)
    // @ts-expect-error the operation lacks the flag ifMatch
    made(modifyOf(blindUpdate, read, methods.call(update)))
    // @ts-expect-error the operation lacks the flag ifMatch
    made(modifyOf(idempotent, read, methods.call(update)))
  })

  it("reject a declared method that promises an option which its operation lacks", () => {
    type Id = [id: string]
    // @ts-expect-error the operation lacks the flag idempotencyKey
    const keyed: Method<[...Id, options?: IdempotentOptions], { readonly id: string }> = methods.call(plain)
    made(keyed)
    type Matched = Method<[...Id, input: { readonly id: string }, options?: ConditionalWriteOptions], unknown>
    // @ts-expect-error the operation lacks the flag ifMatch
    const matched: Matched = methods.call(blindUpdate)
    made(matched)
    made(methods.call(update) satisfies Matched)
  })

  it("reject domains.verify as a conditional method or with an idempotency key", () => {
    type Verify = Method<[public_id: string, options?: CallOptions], DomainVerification>
    type Keyed = Method<[public_id: string, options?: IdempotentOptions], DomainVerification>
    type Conditional = ConditionalMethod<[public_id: string, options?: IdempotentOptions], DomainVerification>
    made(methods.call(domainOperations.verify) satisfies Verify)
    // @ts-expect-error the operation lacks the flag idempotencyKey
    made(methods.call(domainOperations.verify) satisfies Keyed)
    // @ts-expect-error a plain call has no ifNoneMatch
    made(methods.call(domainOperations.verify) satisfies Conditional)
    // @ts-expect-error the operation lacks the flag conditional
    made(methods.conditional(domainOperations.verify))
  })
})
