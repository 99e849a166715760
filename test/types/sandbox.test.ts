import * as Schema from "effect/Schema"
import { describe, expect, it } from "vitest"
import { operation } from "../../src/internal/operation/operation.js"
import { Nullable, Timestamp } from "../../src/internal/schema/schema.js"
import { reply, replyPage } from "../../src/sandbox/exchange.js"
import { route } from "../../src/sandbox/http/routes.js"

const Thing = Schema.Struct({ id: Schema.String, note: Nullable(Schema.String), created_at: Timestamp })

const get = operation("sending.things.get", { http: "GET", path: "/things/{id}", data: Thing })

const list = operation("sending.things.list", {
  http: "GET",
  path: "/things",
  data: Schema.Array(Thing),
  flags: ["paginated"]
})

const thing = { id: "thg_1", note: null, created_at: "2026-11-25T00:00:00Z" }

const pagination = { hasMore: false, nextCursor: undefined }

/** A route keeps its operation, whatever its handler replies. */
const routes = (made: { readonly operation: unknown }, expected: unknown) =>
  expect(made.operation).toBe(expected)

describe("routes of the sandbox", () => {
  it("accept a reply in the wire form of their operation", () => {
    routes(
      route(get, ({ ids }) => reply({ ...thing, id: ids[0] })),
      get
    )
    routes(
      route(list, () => replyPage({ items: [thing], ...pagination })),
      list
    )
  })

  it("reject a reply without a field of the operation's data", () => {
    // @ts-expect-error the reply lacks id, note and created_at
    const made = route(get, () => reply({ wrong: 1 }))
    routes(made, get)
  })

  it("reject a reply with a field of another type", () => {
    // @ts-expect-error the id is a string
    const number = route(get, () => reply({ ...thing, id: 1 }))
    routes(number, get)
    // @ts-expect-error a timestamp is text on the wire
    const date = route(get, () => reply({ ...thing, created_at: new Date(0) }))
    routes(date, get)
  })

  it("reject one item in place of a page, and a page of other items", () => {
    // @ts-expect-error the data is a list
    const one = route(list, () => reply(thing))
    routes(one, list)
    // @ts-expect-error the items lack id, note and created_at
    const others = route(list, () => replyPage({ items: [{ wrong: 1 }], ...pagination }))
    routes(others, list)
  })
})
