/**
 * A surface for tests, with one operation for each kind of call.
 */
import * as HttpClient from "@effect/platform/HttpClient"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { makeMethods } from "../../src/internal/methods/methods.js"
import { operation } from "../../src/internal/operation/operation.js"
import { makePipeline, type PipelineOptions } from "../../src/internal/pipeline/make.js"
import {
  Checked,
  Content,
  OptionalInput,
  Secret,
  SecretInput,
  Timestamp
} from "../../src/internal/schema/schema.js"
import { apiKey } from "./http.js"
import type { SuccessOf } from "./types.js"

export const Thing = Schema.Struct({ id: Schema.String, at: Timestamp, secret: Secret })

/** A thing as the server sends it. */
export const thing = { id: "thg_1", at: "2026-08-01T10:00:00.000Z", secret: "whsec_abc" }

const Item = Schema.Struct({ id: Schema.String })

const Note = Schema.Struct({ text: Schema.String })

const Upload = Schema.Struct({
  name: Schema.String,
  content: Content,
  size: OptionalInput(Schema.Number),
  content_type: OptionalInput(Schema.String)
})

const Filters = Schema.Struct({
  status: OptionalInput(Schema.String),
  limit: OptionalInput(Schema.Number),
  cursor: OptionalInput(Schema.String)
})

export const thingOperations = {
  get: operation("mailbox.things.get", {
    http: "GET",
    path: "/things/{id}",
    data: Thing,
    flags: ["conditional"]
  }),
  getPart: operation("mailbox.things.getPart", {
    http: "GET",
    path: "/things/{id}/parts/{part}",
    data: Item
  }),
  remove: operation("mailbox.things.remove", { http: "DELETE", path: "/things/{id}", data: Item }),
  replace: operation("mailbox.things.replace", {
    http: "PUT",
    path: "/things/{id}",
    body: "json",
    input: Note,
    data: Item,
    flags: ["ifMatch"]
  }),
  change: operation("mailbox.things.change", {
    http: "PATCH",
    path: "/things/{id}",
    body: "json",
    input: Note,
    data: Item,
    flags: ["ifMatch"]
  }),
  note: operation("mailbox.things.note", {
    http: "POST",
    path: "/notes",
    body: "json",
    input: Note,
    data: Item
  }),
  create: operation("mailbox.things.create", {
    http: "POST",
    path: "/things",
    body: "json",
    input: Note,
    data: Item,
    flags: ["idempotencyKey"]
  }),
  batchGet: operation("mailbox.things.batchGet", {
    http: "POST",
    path: "/things:batch-get",
    body: "json",
    input: Schema.Struct({ ids: Schema.Array(Schema.String) }),
    data: Schema.Array(Item),
    replayable: true
  }),
  upload: operation("mailbox.things.upload", {
    http: "POST",
    path: "/uploads",
    body: "bytes",
    query: ["name"],
    input: Upload,
    data: Item,
    maxBytes: 1_000_000,
    flags: ["idempotencyKey"]
  }),
  list: operation("mailbox.things.list", {
    http: "GET",
    path: "/things",
    input: Filters,
    data: Schema.Array(Item),
    flags: ["conditional", "paginated"]
  }),
  setPassword: operation("mailbox.things.setPassword", {
    http: "POST",
    path: "/passwords",
    body: "json",
    input: Checked(
      Schema.Struct({ user: Schema.String, password: OptionalInput(SecretInput(Schema.String)) }),
      () => undefined
    ),
    data: Item
  }),
  text: operation("mailbox.things.text", {
    http: "GET",
    path: "/text",
    response: "text",
    data: Schema.String
  }),
  download: operation("mailbox.things.download", {
    http: "GET",
    path: "/bytes/{id}",
    response: "bytes",
    flags: ["range"],
    data: Schema.Unknown
  }),
  events: operation("mailbox.things.events", {
    http: "GET",
    path: "/events",
    response: "events",
    data: Schema.Unknown
  })
}

/** Passes an argument that the types do not allow, as a caller in JavaScript may do. */
export const untyped = (argument: unknown): never => argument as never

/** The constructors of methods over a client. */
export const methodsOver = (client: HttpClient.HttpClient, options: Partial<PipelineOptions> = {}) => {
  const credential = "accessToken" in options ? {} : { apiKey: Redacted.make(apiKey) }
  const pipeline = makePipeline("mailbox", "https://api.test/v1", { ...credential, ...options })
  return Effect.map(Effect.provideService(pipeline, HttpClient.HttpClient, client), makeMethods)
}

/** Makes the surface over a client. */
export const makeThings = (client: HttpClient.HttpClient, options: Partial<PipelineOptions> = {}) =>
  Effect.map(methodsOver(client, options), (methods) => ({
    get: methods.conditional(thingOperations.get),
    getPart: methods.call(thingOperations.getPart),
    remove: methods.call(thingOperations.remove),
    replace: methods.call(thingOperations.replace),
    change: methods.call(thingOperations.change),
    note: methods.call(thingOperations.note),
    create: methods.call(thingOperations.create),
    batchGet: methods.call(thingOperations.batchGet),
    upload: methods.call(thingOperations.upload),
    list: methods.conditionalList(thingOperations.list),
    setPassword: methods.call(thingOperations.setPassword),
    text: methods.call(thingOperations.text),
    download: methods.bytes(thingOperations.download),
    events: methods.events(thingOperations.events)
  }))

export type Things = SuccessOf<ReturnType<typeof makeThings>>
